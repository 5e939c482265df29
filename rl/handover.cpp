#include "handover.hpp"

#include <algorithm>

#include "../core/common_nodes.hpp"

namespace pigrad {

template <class T>
Handover<T>::Handover(const Parameters<T>& parameters, ParameterRange range, const Program& giver, const Program& taker)
    : parameters_(&parameters), range_(range) {
  const Workspace<T> giving(giver), taking(taker);
  for (const auto& [from, to] : common_nodes(giver, taker)) {
    if (!giving.holds(from) || !taking.holds(to)) continue;
    auto value =
        std::find_if(values_.begin(), values_.end(), [node = from](const Value& v) { return v.giver == node; });
    if (value == values_.end()) {
      value = values_.insert(value, {from, {}, columns_});
      columns_ += static_cast<std::size_t>(giver.node(from).shape.columns);
    }
    value->takers.push_back(to);
  }
}

template <class T>
void Handover<T>::begin(int rows) {
  constexpr std::size_t most_bytes = std::size_t{4} << 20, line = 16;
  version_ = 0;
  rows_ = rows;
  // Columns begin in different sets of the cache, whatever the rows.
  ld_ = (static_cast<std::size_t>(rows) + line - 1) / line * line + line;
  if (columns_ == 0 || ld_ * columns_ > most_bytes / sizeof(T)) rows_ = 0;
  if (rows_ > 0) panel_.resize(ld_ * columns_);
}

template <class T>
void Handover<T>::give(Bindings<T>& giver, int row) {
  for (const Value& v : values_)
    giver.value_out(v.giver, rows_ > 0 ? panel_.data() + v.begin * ld_ + row : nullptr,
                    static_cast<std::ptrdiff_t>(ld_));
}

template <class T>
void Handover<T>::release(Bindings<T>& giver) const {
  for (const Value& v : values_) giver.value_out(v.giver, nullptr, 0);
}

template <class T>
void Handover<T>::take(Bindings<T>& taker, int row) const {
  const bool known = version_ != 0 && version_ == parameters_->version(range_);
  for (const Value& v : values_)
    for (const int node : v.takers)
      taker.known_value(node, known ? panel_.data() + v.begin * ld_ + row : nullptr, static_cast<std::ptrdiff_t>(ld_));
}

template class Handover<float>;
template class Handover<double>;

}  // namespace pigrad
