// Words without faker: few, and plain.
import type { Random } from "../random.ts";
import type { Words } from "./words.ts";

const LISTS = {
  word: "alpha amber basil birch brook cedar cloud coral delta ember field flint grove harbor indigo ivory jade lake",
  firstName: "Ada Alan Barbara Dennis Donald Edsger Frances Grace Guido Jean John Ken Leslie Margaret Radia Tony",
  lastName: "Allen Cerf Dijkstra Hamilton Hoare Hopper Johnson Kernighan Knuth Lamport Liskov Lovelace Perlman Turing",
  city: "Berlin Bogota Cairo Dublin Hanoi Lagos Lima Lisbon Madrid Nairobi Oslo Paris Prague Seoul Tokyo Toronto Vienna",
  state: "Alberta Bavaria Bihar California Chubut Kerala Ontario Oregon Osaka Queensland Sonora Texas Utah Victoria",
  country: "Brazil Canada Chile Egypt France Germany India Japan Kenya Mexico Norway Peru Portugal Spain Vietnam",
  countryCode: "BR CA CL DE EG ES FR IN JP KE MX NO PE PT VN",
  currencyCode: "BRL CAD CHF EUR GBP INR JPY KES MXN NOK USD",
  languageCode: "de en en-GB es fr hi ja ko nb pt-BR sw vi",
  timeZone: "Africa/Nairobi America/Lima Asia/Tokyo Europe/Berlin Europe/Lisbon UTC",
  color: "black blue brown green grey orange purple red white yellow",
  extension: "csv json pdf png txt",
  mimeType: "application/json application/pdf image/png text/csv text/plain",
  job: "Accountant Architect Baker Carpenter Chemist Engineer Gardener Nurse Pilot Teacher Translator",
};

/** Words that draw from `random`. */
export function plainWords(random: Random): Words {
  const from = (list: keyof typeof LISTS) => () => random.pick(LISTS[list].split(" "));
  const word = from("word");
  const capital = () => word().replace(/^./, (letter) => letter.toUpperCase());
  const [firstName, lastName] = [from("firstName"), from("lastName")];
  const sentence = () => `${capital()}${Array.from({ length: random.int(3, 7) }, () => ` ${word()}`).join("")}.`;
  const userName = () => `${firstName()}${random.int(1, 999)}`.toLowerCase();
  const hostname = () => `${word()}-${random.int(1, 999)}.example.com`;
  return {
    word,
    sentence,
    paragraph: () => `${sentence()} ${sentence()} ${sentence()}`,
    firstName,
    lastName,
    fullName: () => `${firstName()} ${lastName()}`,
    jobTitle: from("job"),
    company: () => `${capital()} & ${lastName()}`,
    product: () => `${capital()} ${capital()}`,
    email: () => `${userName()}@example.com`,
    userName,
    // Numbers that nobody has: 555-0100 to 555-0199.
    phone: () => `+1${random.int(201, 989)}55501${String(random.int(0, 99)).padStart(2, "0")}`,
    street: () => `${random.int(1, 200)} ${capital()} Street`,
    city: from("city"),
    state: from("state"),
    zip: () => String(random.int(10_000, 99_999)),
    country: from("country"),
    countryCode: from("countryCode"),
    currencyCode: from("currencyCode"),
    languageCode: from("languageCode"),
    timeZone: from("timeZone"),
    hostname,
    url: () => `https://${hostname()}/${word()}`,
    userAgent: () => `Mozilla/5.0 (compatible; ${capital()}/${random.int(1, 20)}.0)`,
    fileName: () => `${word()}.${from("extension")()}`,
    mimeType: from("mimeType"),
    color: from("color"),
  };
}
