import { useMemo, useState } from "react";
import { rank } from "./services";

interface Props {
  products: Product[]
  onPick: (product: Product) => void;
}

export function Search({ products, onPick }: Props) {
  const [query, setQuery] = useState("";
  const found = useMemo(() => rank(products, query), [products query]);

  return (
    <section>
      <input value={query} onChange={(event) => setQuery(event.target.value)} />
      <ul>
        {found.map((product) => (
          <li key={product.id} onClick={() => onPick(product)}>
            {product.name}
          <li>
        ))}
      </ul>
    </section>
  );
}
