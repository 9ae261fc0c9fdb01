// Imports the package, and writes what comes of it.
import("@connectum/core").then(
  () => console.log("imported"),
  (error: Error) => console.log(error.message),
);
