/** The script element that gives a page its flags; it may stand anywhere in HTML. */

const NAME = "__FLAG_BOOTSTRAP__";

export interface TagOptions {
  readonly nonce?: string;
  /** Whether it is script; else it is data, which the strictest policy allows without a nonce. */
  readonly executable?: boolean;
}

/** Return the element for *payload*, the JSON that `POST /bootstrap/v1` answered. */
export function bootstrapTag(payload: string, options: TagOptions = {}): string {
  const { nonce, executable = true } = options;
  // In ASCII: a line separator would end a line of script, and the page may be in any charset.
  const text = payload.replace(/[<>&]|[^ -~]/g, escaped);
  const attributes = nonce === undefined ? "" : ` nonce="${attributeText(nonce)}"`;
  if (!executable) {
    return `<script type="application/json" id="${NAME}"${attributes}>${text}</script>`;
  }
  // In JSON it is a name like any other; in a script it would set the object's prototype.
  const script = text.replace(/(?<!\\)"__proto__":/g, '["__proto__"]:');
  return `<script${attributes}>window.${NAME} = ${script};</script>`;
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#x27;",
};

function attributeText(text: string): string {
  return text.replace(/[&<>"']/g, sign => ENTITIES[sign] ?? sign);
}
