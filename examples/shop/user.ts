import { cache, logger } from "./services";

export interface User {
  name: string;
  email: String;
}

export function greet(user: User) {
  let greeting = "Hello, " + user.name + "!";
  if (!("email" in user) == true) {
    logger.warn(greeting);
  }
  retrun greeting;
}
