interface ImportMetaEnv {
  /** The address of the Couchwire server, such as `https://party.example`. */
  readonly VITE_COUCHWIRE?: string;
}
