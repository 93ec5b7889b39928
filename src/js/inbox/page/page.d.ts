// The page's files are embedded as text by the bundler (`--loader:.html=text --loader:.css=text --loader:.mjs=text`).

declare module '*.html' {
  const text: string;
  export default text;
}
declare module '*.css' {
  const text: string;
  export default text;
}
declare module '*.mjs' {
  const text: string;
  export default text;
}
