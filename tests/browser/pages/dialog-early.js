// Asks for the dialog from the head, while the page has no body yet.
const body = () => document.body !== null;
window.story = [`asked with body: ${body()}`];
const onLoad = () => window.story.push(`open with body: ${body()}`);
window.openDialog({ onLoad }, () => Promise.resolve({ status: 'sent' }));
