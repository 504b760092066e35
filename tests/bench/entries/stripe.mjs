import { Stripe } from "stripe";

export const make = () => new Stripe("sk_test_0");
