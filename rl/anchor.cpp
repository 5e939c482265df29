namespace pigrad {}
