/** A type of typedoc's model as it is written in TypeScript, on one line. */
import { ReflectionKind } from "typedoc";
import { CLOSE_CODES, ERROR_CODES } from "../../dist/protocol/index.js";

/** @param {import("typedoc").SomeType} [type] @returns {string} */
export function typeText(type) {
  if (type === undefined) return "unknown";
  switch (type.type) {
    case "reflection":
      return declarationText(type.declaration);
    case "union":
      return unionText(type.types);
    case "intersection":
      return type.types.map(operandText).join(" & ");
    case "array":
      return `${operandText(type.elementType)}[]`;
    case "typeOperator":
      return `${type.operator} ${operandText(type.target)}`;
    case "tuple":
      return `[${(type.elements ?? []).map(typeText).join(", ")}]`;
    case "namedTupleMember":
      return `${type.name}${type.isOptional ? "?" : ""}: ${typeText(type.element)}`;
    case "rest":
      return `...${typeText(type.elementType)}`;
    case "reference":
      return referenceText(type);
    default:
      return type.toString();
  }
}

/** typedoc writes out what `keyof` names; here it is the name again. */
function unionText(types) {
  const texts = types.map(operandText);
  const named = NAMED_UNIONS.find(({ members }) => members.every((member) => texts.includes(member)));
  if (named === undefined) return texts.join(" | ");
  return [named.name, ...texts.filter((text) => !named.members.includes(text))].join(" | ");
}

/** Arguments that only fill in a library's defaults say nothing: `Iterable<number, any, any>`, `Uint8Array<ArrayBuffer>`. */
function referenceText({ name, typeArguments = [] }) {
  if (name === "Uint8Array") return name;
  const told = typeArguments.filter((each, index) => index === 0 || each.toString() !== "any");
  return told.length === 0 ? name : `${name}<${told.map(typeText).join(", ")}>`;
}

/** With parentheses where the type would run into its neighbours. */
function operandText(type) {
  const text = typeText(type);
  const isFunction = type.type === "reflection" && type.declaration.signatures !== undefined;
  return isFunction || type.type === "union" || type.type === "conditional" ? `(${text})` : text;
}

/** A function or an object written where the type is used. */
function declarationText({ signatures, children = [] }) {
  if (signatures !== undefined) {
    const [{ parameters = [], type, kind }] = signatures;
    const list = parameters.map((each) => `${each.flags.isRest ? "..." : ""}${each.name}: ${typeText(each.type)}`);
    const isConstructor = kind === ReflectionKind.ConstructorSignature;
    return `${isConstructor ? "new " : ""}(${list.join(", ")}) => ${typeText(type)}`;
  }
  const fields = children.map(({ name, flags, type, signatures: methods }) => {
    if (methods !== undefined) return `${name}${declarationText({ signatures: methods }).replace(") =>", "):")}`;
    return `${name}${flags.isOptional ? "?" : ""}: ${typeText(type)}`;
  });
  return fields.length === 0 ? "{}" : `{ ${fields.join("; ")} }`;
}

const NAMED_UNIONS = [
  { name: "CloseName", table: CLOSE_CODES },
  { name: "ErrorCode", table: ERROR_CODES },
].map(({ name, table }) => ({ name, members: Object.keys(table).map((key) => JSON.stringify(key)) }));
