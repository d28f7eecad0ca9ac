import { useState } from "react";

export function Basket({ items }: { items: string[] }) {
  const [open, setOpen] = useState<boolean>(false);
  let title: string = `Basket (${items.length})`;
  return (
    <section onClick={() => setOpen(!open)}>
      <h2>{title}</h2>
      {open ? items.map((item) => <p key={item}>{item}</p>) : null}
    </section>
  );
}
