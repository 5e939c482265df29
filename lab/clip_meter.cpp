#include "clip_meter.hpp"

#include "curvature.hpp"

namespace pigrad {

template <class T>
ClipMeter<T>::ClipMeter(const OnPolicy<T>& algorithm, LossTerms<T>& terms)
    : algorithm_(&algorithm),
      terms_(&terms),
      program_(score_program(algorithm.agent())),
      workspace_(program_),
      bindings_(program_) {}

template <class T>
ClipShare ClipMeter<T>::measure(double clip, int threads) {
  const Rollout<T>& r = algorithm_->rollout();
  const Estimates<T>& e = algorithm_->estimates();
  const auto rows = static_cast<std::size_t>(r.rows());
  for (std::vector<T>* v : {&log_prob_, &whole_, &held_}) v->assign(rows, T(0));
  ones_.assign(rows, T(1));
  bindings_.parameters(algorithm_->agent().parameters().data());
  bindings_.rows(r.rows());
  bindings_.input("obs", r.obs.data(), r.rows());
  bindings_.input("weight", ones_.data(), r.rows());
  if (r.action_size == 0)
    bindings_.index("action", r.index.data());
  else
    bindings_.input("action", r.action.data(), r.rows());
  bindings_.output("log_prob", log_prob_.data(), r.rows());
  workspace_.run(bindings_, Sink<T>::none(), {.threads = threads});

  ClipShare share;
  double mass = 0;
  for (const std::int32_t row : e.rows()) {
    const auto i = static_cast<std::size_t>(row);
    const double ratio = std::exp(static_cast<double>(log_prob_[i]) - static_cast<double>(r.log_prob[i]));
    const double psi = static_cast<double>(terms_->advantages()[i]), weight = std::abs(ratio * psi);
    const bool gone = psi > 0 ? ratio > 1 + clip : psi < 0 && ratio < 1 - clip;
    whole_[i] = static_cast<T>(ratio * psi);
    held_[i] = gone ? T(0) : whole_[i];
    share.rows += gone;
    share.mass += gone ? weight : 0;
    mass += weight;
  }
  share.rows /= e.learning_rows();
  share.mass /= mass;
  const std::vector<T> unclipped = terms_->actor_gradient(whole_, e.rows().data(), e.learning_rows(), threads);
  const std::vector<T>& clipped = terms_->actor_gradient(held_, e.rows().data(), e.learning_rows(), threads);
  share.cosine = cosine_of(unclipped, clipped);
  share.norm = std::sqrt(inner_product(clipped, clipped) / inner_product(unclipped, unclipped));
  return share;
}

template class ClipMeter<float>;
template class ClipMeter<double>;

}  // namespace pigrad
