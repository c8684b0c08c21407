// A picture that is pasted anywhere on the page is handed over, whatever has the focus.

const pasters = new WeakMap(); // parentElement -> Paster

class Paster {
  constructor() {
    document.addEventListener("paste", this.take);
  }

  update({ data, setTriggerValue }) {
    this.limit = data.limit;
    this.send = setTriggerValue;
  }

  take = (paste) => {
    const { clipboardData, target } = paste;
    const file = [...(clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (!file) return;
    // Text that brings a picture along, as word processors copy it, belongs into the field that it is pasted into.
    if (target.closest?.("input, textarea, [contenteditable]") && clipboardData.types.includes("text/plain")) return;
    paste.preventDefault();
    if (file.size > this.limit) {
      this.tell({ name: file.name, size: file.size });
      return;
    }
    const reader = new FileReader();
    reader.onload = () => this.tell({ name: file.name, data: reader.result.split(",")[1] });
    reader.readAsDataURL(file);
  };

  /** Hand it over; requests for pictures keep out of the way, since a paste from a menu comes without a key. */
  tell(pasted) {
    imgcluster.thumbnails.disturb();
    this.send("pasted", pasted);
  }

  destroy() {
    document.removeEventListener("paste", this.take);
  }
}

export default function (component) {
  hideFromLayout(component.parentElement);
  return show(pasters, Paster, component);
}
