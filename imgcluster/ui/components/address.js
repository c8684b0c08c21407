// What the address of the page says, kept up to date without a step in the browser's history.

export default function ({ data, parentElement }) {
  hideFromLayout(parentElement);
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(data)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
