// The thumbnail feed: an invisible component that fetches pictures for all the others (see Thumbnails in shared.js).

const feeds = new WeakMap(); // parentElement -> feed

export default function ({ data, parentElement, setTriggerValue }) {
  hideFromLayout(parentElement);
  const { header, blobs } = readFrame(data);
  const { thumbnails } = imgcluster;

  const known = feeds.get(parentElement);
  const feed = { collection: header.collection, send: (request) => setTriggerValue("want", request) };
  if (known?.collection === feed.collection && thumbnails.feed === known) {
    known.send = feed.send;
  } else {
    feeds.set(parentElement, feed);
    thumbnails.attach(feed);
  }
  if (header.indices) thumbnails.receive(header, blobs);

  return whenGone(parentElement, () => thumbnails.detach(feeds.get(parentElement)));
}
