#include <cmath>

#include "executor.hpp"
#include "words.hpp"

namespace pigrad {
namespace {

/// Six digits; "NaN" whatever its sign.
std::string number_text(double x) {
  if (std::isnan(x)) return "NaN";
  Words text;
  text << x;
  return text.str();
}

}  // namespace

template <class S>
void Executor<S>::check_finite(const Plan& plan, int id, const Block<S>& block, bool adjoint) const {
  const Node& n = program.node(id);
  const Panel<S> p = adjoint ? bar(plan, id, block) : value(plan, id, block);
  const int rows = n.shape.is_batch() ? block.count : n.shape.rows;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < n.shape.columns; ++c) {
      if (std::isfinite(value_of(p.get(c, r)))) continue;
      const T wrong = value_of(p.get(c, r));
      Words words;
      words << (adjoint ? "the adjoint of " : "") << "node " << id << " (" << (n.op ? n.op->name : "parameter")
            << (n.label.empty() ? "" : ", '" + n.label + "'") << ") is " << number_text(wrong) << " at "
            << (n.shape.is_batch() ? "sample " : "row ") << (n.shape.is_batch() ? block.begin : 0) + r << ", column "
            << c;
      if (adjoint && n.op) words << "; its value there is " << number_text(value_of(value(plan, id, block).get(c, r)));
      for (int i = 0; n.op && i < n.op->operands; ++i) {
        const int o = n.operands[static_cast<std::size_t>(i)];
        const Node& operand = program.node(o);
        if (operand.shape.is_batch() && !n.shape.is_batch()) continue;
        words << (i ? ", " : "; operands there: ")
              << (operand.label.empty() ? "node " + std::to_string(o) : "'" + operand.label + "'") << " =";
        if (operand.kind == NodeKind::index) {
          words << ' ' << block.worker->index.data()[plan.value[static_cast<std::size_t>(o)] * block.ld + r];
          continue;
        }
        const Panel<S> in = value(plan, o, block);
        const int row = operand.shape.rows == 1 ? 0 : r;
        constexpr int shown = 8;
        for (int k = 0; k < operand.shape.columns && k < shown; ++k)
          words << ' '
                << number_text(value_of(in.get(k, operand.shape.is_batch() || row < operand.shape.rows ? row : 0)));
        if (operand.shape.columns > shown) words << " …";
      }
      throw NotFinite(id, n.shape.is_batch() ? block.begin + r : -1, words.str(),
                      "look at these operands, or lower the learning rate");
    }
}

template void Executor<float>::check_finite(const Plan&, int, const Block<float>&, bool) const;
template void Executor<double>::check_finite(const Plan&, int, const Block<double>&, bool) const;
template void Executor<Dual<float>>::check_finite(const Plan&, int, const Block<Dual<float>>&, bool) const;
template void Executor<Dual<double>>::check_finite(const Plan&, int, const Block<Dual<double>>&, bool) const;

}  // namespace pigrad
