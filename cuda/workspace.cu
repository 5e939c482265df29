#include <algorithm>

#include "activation.cuh"
#include "launch.cuh"
#include "workspace.hpp"

namespace pigrad {
namespace {

std::ptrdiff_t padded(int rows) {
  constexpr int multiple = 32;
  return static_cast<std::ptrdiff_t>(rows + multiple - 1) / multiple * multiple;
}

template <class T>
Panel<T> stretched(Panel<T> p, const Shape& shape, const Shape& out) {
  if (shape.rows == 1 && out.rows != 1) p.row_stride = 0;
  if (shape.columns == 1 && out.columns != 1) p.column_stride = 0;
  return p;
}

template <class T>
struct TakeRows {
  const T* from;
  const std::int32_t* order;
  T* to;
  int rows;
  std::ptrdiff_t from_ld, to_ld;

  PIGRAD_HD void operator()(long long i) const {
    const long long c = i / rows, r = i % rows;
    to[c * to_ld + r] = from[c * from_ld + order[r]];
  }
};

template <class T>
struct SetOne {
  T* to;
  PIGRAD_HD void operator()(long long) const { *to = 1; }
};

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

bool is_fused(const void*, const Op& first, const Op& second) {
  return &first == &op_of<Affine>() && activation_of(second) != DeviceActivation::none;
}

/// The plan with its fusions. What no kernel of them stores takes no room: the activations' inputs, and the adjoints of
/// activations whose one reader passes through them.
Plan plan_of(const Program& program) {
  Plan plan(program, &is_fused, nullptr);
  for (const Plan::Step& step : plan.rows.forward)
    if (step.inner >= 0) plan.value[at(step.inner)] = Plan::none;
  for (const Plan::Step& step : plan.rows.backward)
    if (step.inner >= 0 && step.ready) plan.bar[at(step.node)] = Plan::none;
  plan.block_columns = 0;
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    const Node& n = program.nodes()[i];
    if (!n.shape.is_batch() || n.kind == NodeKind::index) continue;
    for (std::ptrdiff_t* place : {&plan.value[i], &plan.bar[i]})
      if (*place != Plan::none) {
        *place = plan.block_columns;
        plan.block_columns += n.shape.columns;
      }
  }
  return plan;
}

/// Where the results of the reductions over the batch stand among the fixed tensors.
std::vector<std::int32_t> places_of_reductions(const Program& program, const Plan& plan) {
  std::vector<std::int32_t> places;
  for (const int id : plan.reductions) {
    const Shape& shape = program.node(id).shape;
    for (int c = 0; c < shape.columns; ++c)
      places.push_back(static_cast<std::int32_t>(plan.value[at(id)] + std::ptrdiff_t{c} * Plan::fixed_ld(shape)));
  }
  return places;
}

bool has_wide_layer(const Program& program) {
  for (const Node& n : program.nodes())
    if (n.kind == NodeKind::op && n.used && n.op->contracts &&
        std::min(program.node(n.operands[0]).shape.columns, n.shape.columns) > widest_own_product)
      return true;
  return false;
}

}  // namespace

template <class T>
DeviceWorkspace<T>::DeviceWorkspace(const Program& program, int most_rows)
    : program_(&program),
      plan_(plan_of(program)),
      most_rows_(most_rows),
      ld_(padded(most_rows)),
      batch_(at(plan_.block_columns * ld_)),
      fixed_(at(plan_.fixed_size)),
      bars_(at(plan_.reduced_size + plan_.shard_size)),
      scratch_(scratch_scalars),
      index_(plan_.index_nodes.size() * at(ld_)),
      blas_(has_wide_layer(program) ? make_blas(scratch_.data(), scratch_.size() * sizeof(T)) : nullptr),
      bound_(program.inputs().size()) {
  const auto all = device_ops<T>();
  for (const Node& n : program.nodes()) {
    kernels_.push_back({});
    if (n.kind != NodeKind::op || !n.used) continue;
    const auto found = std::find_if(all.begin(), all.end(), [&](const DeviceOp<T>& k) { return k.op == n.op; });
    if (found == all.end())
      throw Error(n.op->name, "this op has no kernel for the GPU",
                  "write its loss with built-in ops, or train with --device cpu");
    kernels_.back() = {found->forward, found->vjp};
  }
  for (const Plan::Step& step : plan_.rows.forward)
    for (const DeviceFusion<T>& fusion : device_fusions<T>())
      if (step.inner >= 0 && fusion.activation == program.node(step.node).op)
        kernels_[at(step.node)] = {fusion.forward, fusion.vjp};
  std::vector<T> constants(at(plan_.fixed_size));
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    const Node& n = program.nodes()[i];
    if (n.kind != NodeKind::constant || !n.used) continue;
    for (int r = 0; r < n.shape.rows; ++r)
      for (int c = 0; c < n.shape.columns; ++c)
        constants[at(plan_.value[i] + c * Plan::fixed_ld(n.shape) + r)] =
            static_cast<T>(program.constants()[at(n.slot + r * n.shape.columns + c)]);
  }
  fixed_.upload(constants.data());
}

template <class T>
std::size_t DeviceWorkspace<T>::bytes(const Program& program, int most_rows) {
  const Plan plan = plan_of(program);
  const auto scalars = plan.block_columns * padded(most_rows) + plan.fixed_size + plan.reduced_size + plan.shard_size;
  return (at(scalars) + scratch_scalars) * sizeof(T) +
         plan.index_nodes.size() * at(padded(most_rows)) * sizeof(std::int32_t);
}

template <class T>
void DeviceWorkspace<T>::input(int slot, const T* data, std::ptrdiff_t column_stride) {
  bound_[at(slot)] = {data, column_stride, nullptr};
}
template <class T>
void DeviceWorkspace<T>::index(int slot, const std::int32_t* data) {
  bound_[at(slot)] = {nullptr, 0, data};
}
template <class T>
void DeviceWorkspace<T>::rows(int count, int all) {
  if (count < (count == all ? 1 : 0) || count > most_rows_ || count > all)
    throw Error("DeviceWorkspace", std::to_string(count) + " rows",
                "give at most " + std::to_string(most_rows_) + ", or make it for more");
  rows_ = count;
  all_rows_ = all;
}

template <class T>
void DeviceWorkspace<T>::share(DeviceGroup& group) {
  require(!program_->row_mixing(), "DeviceWorkspace", "this program's rows depend on each other",
          "run it whole on every rank");
  ranks_ = std::make_unique<DeviceGroupSum<T>>(group, plan_.wanted.size(), places_of_reductions(*program_, plan_));
  leads_ = group.rank() == 0;
}

template <class T>
std::size_t DeviceWorkspace<T>::bytes_of_sharing(const Program& program, int ranks) {
  const Plan plan = plan_of(program);
  return DeviceGroupSum<T>::bytes(ranks, plan.wanted.size(), places_of_reductions(program, plan).size());
}

template <class T>
Panel<T> DeviceWorkspace<T>::value_panel(int node) const {
  const Node& n = program_->node(node);
  if (n.kind == NodeKind::parameter) return {const_cast<T*>(parameters_) + n.slot, nullptr, 1, n.shape.columns};
  if (n.kind == NodeKind::input && !(n.shape.is_batch() && order_)) {
    const Bound& b = bound_[at(n.slot)];
    return {const_cast<T*>(b.data), nullptr, b.column_stride, 1};
  }
  const std::ptrdiff_t place = plan_.value[at(node)];
  if (n.shape.is_batch()) return {const_cast<T*>(batch_.data()) + place * ld_, nullptr, ld_, 1};
  return {const_cast<T*>(fixed_.data()) + place, nullptr, Plan::fixed_ld(n.shape), 1};
}

template <class T>
Panel<T> DeviceWorkspace<T>::bar_panel(int node, T* gradient) const {
  const Node& n = program_->node(node);
  const std::ptrdiff_t place = plan_.bar[at(node)];
  if (!n.wants_bar) return {};
  if (n.kind == NodeKind::parameter) return {gradient + n.slot, nullptr, 1, n.shape.columns};
  if (n.shape.is_batch()) return {const_cast<T*>(batch_.data()) + place * ld_, nullptr, ld_, 1};
  T* bars = const_cast<T*>(bars_.data()) + (n.reduced ? 0 : plan_.reduced_size);
  return {bars + place, nullptr, Plan::fixed_ld(n.shape), 1};
}

template <class T>
View<T> DeviceWorkspace<T>::value(int node) const {
  return value_panel(node).values();
}
template <class T>
View<T> DeviceWorkspace<T>::output(const std::string& name) const {
  return value(program_->outputs()[at(program_->output(name))].node);
}

template <class T>
double DeviceWorkspace<T>::scale(const Node& n) const {
  if (!n.op->averages) return 1;
  const Shape& in = program_->node(n.operands[0]).shape;
  const double rows = in.is_batch() ? all_rows_ : in.rows;
  if (n.op->locality == Locality::row_local) return 1.0 / in.columns;
  return 1.0 / (n.shape.columns == in.columns ? rows : rows * in.columns);
}

template <class T>
DeviceCall<T> DeviceWorkspace<T>::call(const Plan::Step& step, T* gradient, bool vjp) const {
  const Node& n = program_->node(step.inner >= 0 ? step.inner : step.node);
  DeviceCall<T> c;
  c.scratch = const_cast<T*>(scratch_.data());
  c.blas = blas_.get();
  c.rows = step.rows == Shape::batch_rows ? rows_ : step.rows;
  c.columns = n.shape.columns;
  c.attributes = n.attributes;
  c.scale = scale(n);
  c.out = value_panel(step.node);
  if (vjp && !step.ready) c.out_bar = bar_panel(step.node, gradient);
  if (vjp && step.inner >= 0) c.inner_bar = bar_panel(step.inner, gradient);
  c.inner_ready = step.ready;
  for (int i = 0; i < n.op->operands; ++i) {
    const int id = n.operands[at(i)];
    const Node& operand = program_->node(id);
    c.shapes[i] = operand.shape;
    if (operand.kind == NodeKind::index) {
      c.index = order_ ? index_.data() + plan_.value[at(id)] * ld_ : bound_[at(operand.slot)].index;
      continue;
    }
    const auto placed = [&](Panel<T> p) { return n.op->contracts ? p : stretched(p, operand.shape, n.shape); };
    c.in[i] = placed(value_panel(id));
    if (!vjp || !(n.op->differentiable >> i & 1u) || !operand.wants_bar) continue;
    c.fresh[i] = step.fresh[i];
    if (i == 0 && step.through) {
      c.through_activation = activation_of(*operand.op);
      c.in_bar[i] = bar_panel(operand.operands[0], gradient);
    } else {
      c.in_bar[i] = placed(bar_panel(id, gradient));
    }
  }
  return c;
}

template <class T>
void DeviceWorkspace<T>::load() {
  for (std::size_t i = 0; i < bound_.size(); ++i) {
    const InputSlot& slot = program_->inputs()[i];
    const Node& n = program_->node(slot.node);
    if (!n.used) continue;
    if (!bound_[i].data && !bound_[i].index)
      throw Error(slot.name, "this input is not bound", "bind it before the run");
    if (!order_ || !slot.shape.is_batch()) continue;
    const long long count = static_cast<long long>(rows_) * slot.shape.columns;
    if (slot.index)
      for_each_index("take rows", rows_,
                     TakeRows<std::int32_t>{bound_[i].index, order_, index_.data() + plan_.value[at(slot.node)] * ld_,
                                            rows_, 0, 0});
    else
      for_each_index(
          "take rows", count,
          TakeRows<T>{bound_[i].data, order_, value_panel(slot.node).value, rows_, bound_[i].column_stride, ld_});
  }
}

template <class T>
void DeviceWorkspace<T>::forward(const Plan::Sequence& sequence) {
  for (const Plan::Step& step : sequence.forward) kernels_[at(step.node)].forward(call(step, nullptr, false));
}

template <class T>
void DeviceWorkspace<T>::backward(const Plan::Sequence& sequence, T* gradient) {
  for (const Plan::Step& step : sequence.backward) {
    const Node& n = program_->node(step.inner >= 0 ? step.inner : step.node);
    for (int i = 0; i < n.op->operands; ++i)
      if (step.clear[i]) {
        const int id = n.operands[at(i)];
        detail::clear_on_device(bar_panel(id, gradient).value, at(program_->node(id).shape.columns * ld_) * sizeof(T));
      }
    kernels_[at(step.node)].vjp(call(step, gradient, true));
  }
}

template <class T>
void DeviceWorkspace<T>::add_up_ranks(T* gradient) {
  const ParameterRange wanted = plan_.wanted;
  ranks_->run(gradient ? gradient + wanted.begin : nullptr, gradient ? wanted.size() : 0, fixed_.data());
  forward(plan_.epilogue);
}

template <class T>
void DeviceWorkspace<T>::run(T* gradient) {
  require(all_rows_ > 0 && (parameters_ || program_->parameters().size() == 0), "DeviceWorkspace",
          "rows or parameters are not set", "bind them before the run");
  load();
  forward(plan_.prologue);
  forward(plan_.rows);
  if (!ranks_) forward(plan_.epilogue);
  if (gradient) find_gradient(gradient);
  if (ranks_) add_up_ranks(gradient);
}

/// No adjoint here needs a reduction's result: only programs that mix rows have such, and those are never shared. What
/// does not come from rows is the first rank's alone to add.
template <class T>
void DeviceWorkspace<T>::find_gradient(T* gradient) {
  const ParameterRange wanted = plan_.wanted;
  detail::clear_on_device(gradient + wanted.begin, at(wanted.size()) * sizeof(T));
  detail::clear_on_device(bars_.data(), bars_.size() * sizeof(T));
  const Panel<T> loss = bar_panel(program_->loss(), gradient);
  if (!loss) return;
  for_each_index("loss", 1, SetOne<T>{loss.value});
  backward(plan_.epilogue, gradient);
  if (!leads_) {
    detail::clear_on_device(gradient + wanted.begin, at(wanted.size()) * sizeof(T));
    detail::clear_on_device(bars_.data() + plan_.reduced_size, at(plan_.shard_size) * sizeof(T));
  }
  backward(plan_.rows, gradient);
  backward(plan_.prologue, gradient);
}

template class DeviceWorkspace<float>;
template class DeviceWorkspace<double>;

}  // namespace pigrad
