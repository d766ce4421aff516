// What the field where messages are written does beside taking text: it is as high as the text, and takes no files.

/** Where the browser does not do it by itself. */
export function fit(field: HTMLElement, text: string): void {
  void text;
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

/** Files that are pasted or dropped are not opened in the place of the page. */
export function refuseFiles(refused: () => void): (field: HTMLElement) => () => void {
  return (field) => {
    const ending = new AbortController();
    const { signal } = ending;
    const refuse = (event: Event, data: DataTransfer | null) => {
      if (!data?.types.includes("Files") || data.types.includes("text/plain")) return;
      event.preventDefault();
      refused();
    };
    field.addEventListener("paste", (event) => refuse(event, event.clipboardData), { signal });
    field.addEventListener("dragover", (event) => event.preventDefault(), { signal });
    field.addEventListener("drop", (event) => refuse(event, event.dataTransfer), { signal });
    return () => ending.abort();
  };
}
