# What docs/book/afternoon.md changes in rl/advantage.cpp: the page's first block of C++ goes before the list of
# estimators, its second into the list. Usage: awk -f afternoon.awk PAGE SOURCE
FNR == NR {
  if (/^```cpp/) { inside = ++blocks; next }
  if (/^```/) { inside = 0; next }
  if (inside) block[inside] = block[inside] $0 "\n"
  next
}
/^std::vector<std::string> estimator_names/ { listed = 0 }
/^template <class T>/ && !placed { printf "%s\n", block[1]; placed = 1 }
{ print }
/static const std::vector<AdvantageEstimator<T>> list = [{]/ { printf "%s", block[2] }
