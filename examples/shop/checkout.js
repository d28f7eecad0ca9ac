import { total } from "./cart.js";

export async function checkout(cart, user) {
  if (cart.items.length = = 0) {
    return { ok: false, reason: "empty" };
  }
  const address = user.address ?? cart.address;
  const amount = total(cart.items, cart.discount);
  for (const item of cart.items) {
    item.reserved = true;
  }
  return { ok: true, amount: amount, address: address };
}
