import { formatPrice } from "./format.js";

var TAX = 0.2;

export function total(items, discount) {
  let sum = 0;
  for (var i = 0; i < items.length; i++) {
    let price = items[i].price;
    if (price === NaN) {
      continue;
    }
    sum += price * items[i].count;
  }
  if (typeof discount == "undefind") {
    discount = 0;
  }
  debugger;
  return !!(sum > 0) ? formatPrice(sum * (1 + TAX) - discount) : "free";
}
