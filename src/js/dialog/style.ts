// The dialog's looks: one style sheet for its shadow tree, sized in em so that the reader's own font size holds.

// `!important` in :host is what beats the page's rules for the element, their `!important` included. The element is
// out of flow so that a flex or grid body makes no room for it; z-index serves engines without a top layer.
// Colours: p paper, i ink, s soft ink, r focus ring, b bad, g good; the greys with alpha serve light and dark alike.
const CSS = `:host{all:initial!important;position:fixed!important;z-index:2147483647!important}
*{box-sizing:border-box;margin:0}
dialog{--p:#fff;--i:#1b1f27;--s:#596070;--r:#2563eb;--b:#b42318;--g:#067647;color-scheme:light dark;width:33em;max-width:calc(100% - 1.5em);max-height:calc(100% - 1.5em);margin:auto;padding:1.75em;overflow:auto;overscroll-behavior:contain;overflow-wrap:anywhere;border:1px solid #80808040;border-radius:.9em;background:var(--p);color:var(--i);font:1em/1.5 system-ui,sans-serif;box-shadow:0 1.5em 4em #0006}
::backdrop{background:#0f121a8c}
.plain{display:block;position:fixed;inset:0;height:fit-content;box-shadow:0 0 0 200vmax #0f121a8c}
h2{font-size:1.25em;line-height:1.3}
h2+p{margin-top:.4em;color:var(--s)}
.fields{display:flex;flex-wrap:wrap;gap:.75em 1em;margin:1.4em 0 1em}
.fields>*{flex:1 1 12em;min-width:0}
.fields>:last-child{flex-basis:100%}
label{display:block;margin-bottom:.4em;font-size:.875em;font-weight:600}
input,textarea,button{padding:.5em .7em;border:1px solid #868d9a;border-radius:.5em;background:var(--p);color:inherit;font:inherit;appearance:none}
input,textarea{display:block;width:100%;unicode-bidi:plaintext;text-align:start}
textarea{min-height:7em;resize:vertical}
input:read-only,textarea:read-only,::placeholder{color:var(--s);opacity:1}
[aria-invalid]{border-color:var(--b);box-shadow:inset 0 0 0 1px var(--b)}
label span,.fields p,#status{color:var(--b)}
.fields p{margin-top:.35em;font-size:.875em}
:focus-visible{outline:2px solid var(--r);outline-offset:1px}
#status:not(:empty){margin-bottom:1.4em;padding:.7em .9em;border-radius:.5em;background:#f0443818;font-size:.95em}
.actions{display:flex;flex-wrap:wrap-reverse;justify-content:flex-end;gap:.6em}
button{position:relative;padding:.45em 1.5em;font-weight:600;cursor:pointer}
button:hover{background:#80808022}
[type=submit],.done button{border-color:var(--i);background:var(--i)!important;color:var(--p)}
[type=submit]:hover,.done button:hover{opacity:.87}
[aria-busy=true]::before{content:"";position:absolute;inset-inline-start:.4em;top:calc(50% - .4em);width:.55em;height:.55em;border:2px solid;border-bottom-color:transparent;border-radius:50%}
.done{text-align:center}
.done #status{padding:1em 0 .5em;background:none;color:inherit;font-size:1.125em;font-weight:600}
.done #status::before{content:"";display:block;width:.55em;height:1.1em;margin:0 auto 1em;border:solid var(--g);border-width:0 .18em .18em 0;transform:rotate(45deg)}
.done .actions{justify-content:center}
@media(prefers-color-scheme:dark){dialog{--p:#1d2027;--i:#eceef2;--s:#a9b0bd;--r:#7aa7ff;--b:#ff9d92;--g:#5fd39a}}
@media(max-width:30em){dialog{padding:1.25em}.actions>*{flex-grow:1}}
@media(forced-colors:active){[type=submit],[aria-invalid]{border-width:2px}#status:not(:empty){border:1px solid}}
@media(prefers-reduced-motion:no-preference){dialog{animation:i .18s ease-out}[aria-busy=true]::before{animation:t .9s linear infinite}@keyframes i{0%{opacity:0;transform:translateY(.75em)}}@keyframes t{to{transform:rotate(1turn)}}}`;

/** A constructed style sheet is no inline style to a Content Security Policy; the element is for engines without. */
export function dress(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement('style');
    style.textContent = CSS;
    root.append(style);
  }
}
