# The programs of a page: each ```cpp block with a main goes to OUT/PAGE_N.cpp, and what stands in a ```text block right
# after it to OUT/PAGE_N.txt, which is what the program must print. Prints PAGE_N for each.
function finish() {
  if (!is_program) return
  name = PAGE "_" ++programs
  printf "%s", code > (OUT "/" name ".cpp.new")
  close(OUT "/" name ".cpp.new")
  print name
  waiting = 1
}
/^```/ {
  if (inside == "cpp") finish()
  if (inside == "text" && expected) close(OUT "/" name ".txt")
  if (inside != "") { inside = ""; expected = 0; next }
  inside = substr($0, 4)
  if (inside == "") inside = "plain"
  code = ""
  is_program = 0
  expected = inside == "text" && waiting
  if (expected) printf "" > (OUT "/" name ".txt")
  waiting = 0
  next
}
inside == "cpp" {
  code = code $0 "\n"
  if ($0 ~ /^int main\(/) is_program = 1
  next
}
inside == "text" && expected { print > (OUT "/" name ".txt"); next }
inside == "" && $0 !~ /^[ \t]*$/ { waiting = 0 }
