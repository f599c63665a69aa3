/** What Vite puts into `import.meta.env`, as far as this project uses it. */
interface ImportMeta {
  readonly env: {
    /** The address of the Couchwire server, such as `https://party.example`. */
    readonly VITE_COUCHWIRE?: string;
  };
}
