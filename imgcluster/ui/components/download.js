// A file that is fetched in pieces, one after the other, and saved when all of them are here.

const downloads = new WeakMap(); // parentElement -> PieceByPiece

const LEAST_PATIENCE = 5000; // ms until a request counts as lost; doubles with each loss in a row
const MOST_LOSSES = 6;
const KEPT = 60_000; // ms for which the browser may still read a file that it was told to save

const megabytes = (bytes) => (bytes < 995_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

class PieceByPiece {
  constructor(parentElement) {
    this.button = element("button", { type: "button", className: "save", onclick: () => this.start() });
    this.bar = element("progress", { value: 0 }, { "aria-label": "Fetched" });
    this.far = element("span", { className: "far" });
    const stop = element("button", { type: "button", textContent: "Cancel", onclick: () => this.stop("Stopped.") });
    this.work = element("div", { className: "work", hidden: true }, {}, [this.bar, this.far, stop]);
    this.cancel = stop;
    this.said = element("p", { className: "said", hidden: true }, { role: "status" });
    parentElement.querySelector(".imgcluster-download").replaceChildren(this.button, this.work, this.said);
  }

  update({ data, setTriggerValue }) {
    const { header, blobs } = readFrame(data);
    this.send = setTriggerValue;
    if (this.file && this.file.token !== header.token) this.stop("");
    this.file = header;
    this.button.textContent = header.label;
    if (header.piece !== undefined) this.receive(header.piece, blobs[0]);
  }

  start() {
    this.parts = [];
    this.losses = 0;
    this.show();
    this.cancel.focus();
    this.next();
  }

  /** Ask for the first piece that is missing; without one, all are here. */
  next() {
    clearTimeout(this.timer);
    if (this.parts.length === this.file.pieces) {
      this.finish();
      return;
    }
    // What somebody clicks goes first, see Thumbnails.disturb.
    const unrest = imgcluster.thumbnails.unrest();
    if (unrest > 0) {
      this.timer = setTimeout(() => this.next(), unrest);
      return;
    }
    this.send("want", { token: this.file.token, piece: this.parts.length, losses: this.losses });
    this.timer = setTimeout(() => this.lost(), LEAST_PATIENCE * 2 ** this.losses);
  }

  lost() {
    this.losses += 1;
    if (this.losses > MOST_LOSSES) this.stop("The connection was lost. Save it once more.");
    else this.next();
  }

  /** Take a piece; the same one may come twice, since Streamlit calls a component again on a change of theme. */
  receive(piece, bytes) {
    if (!this.parts || piece !== this.parts.length) return;
    if (bytes === null) {
      this.stop("The file is not there any more. Prepare it once more.");
      return;
    }
    this.parts.push(new Blob([bytes])); // the browser puts large ones onto the disk
    this.losses = 0;
    this.show();
    this.next();
  }

  finish() {
    const { token, size, name, mime } = this.file;
    const whole = new Blob(this.parts, { type: mime });
    if (whole.size !== size) {
      this.stop("The file did not arrive as a whole. Save it once more.");
      return;
    }
    const href = URL.createObjectURL(whole);
    element("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), KEPT);
    this.stop(`Saved ${name}.`);
    this.send("saved", token);
  }

  /** End it, whatever was fetched; with words on why. */
  stop(words) {
    clearTimeout(this.timer);
    const hadFocus = this.cancel.matches(":focus");
    this.parts = null;
    this.show();
    if (hadFocus) this.button.focus();
    this.said.textContent = words;
    this.said.hidden = !words;
  }

  show() {
    const busy = Boolean(this.parts);
    this.button.hidden = busy;
    this.work.hidden = !busy;
    if (!busy) return;
    this.said.hidden = true;
    const { pieces, size } = this.file;
    const share = pieces ? this.parts.length / pieces : 1;
    this.bar.value = share;
    this.far.textContent = `${megabytes(share * size)} of ${megabytes(size)}`;
  }

  destroy() {
    clearTimeout(this.timer);
    this.parts = null;
  }
}

export default function (component) {
  return show(downloads, PieceByPiece, component);
}
