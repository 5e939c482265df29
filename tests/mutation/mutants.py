"""The faults that tests/mutation/run.py puts in: (group, tests, mutants), and a mutant is (file, text, instead), or
(file, text, instead, why) where no test can see it.

The text stands in the file once. What is between « and » is an expression, and `instead` stands in its place.
"""

OPS = "core_ops core_tangents core_curvature core_run core_simd_run lab_policy_curvature core_simd"
SIMD = "core_simd_run core_few_rows core_edges core_simd"
LEARN = "rl_losses rl_golden rl_ppo_golden rl_update rl_targets rl_ppo rl_train"
ENDS = "rl_boundary rl_known_values rl_returns rl_golden rl_estimates rl_targets rl_train"
ONE, ZERO, HALF = "S(Real<S>(1))", "S(Real<S>(0))", "Real<S>(0.5)"
X_BAR = "call.in_bar[0].add(c, r, "
Y_BAR = "call.out_bar.get(c, r)"


def op(name, *pairs):
    return [(f"core/ops/{name}.hpp", *pair) for pair in pairs]


def in_file(path, *pairs):
    return [(path, *pair) for pair in pairs]


A, B = "partial_a(S, S, S) {\n    return «", "partial_b(S, S, S) {\n    return «"
MUTANTS = [
    ("the ops' vjps", OPS,
     op("abs", ("x < zero ? «Real<S>(-1)»", "Real<S>(1)"))
     + op("add", (A + ONE + "»", "S(Real<S>(2))"), (B + ONE + "»", ZERO))
     + op("sub", (A + ONE + "»", ZERO), (B + "S(Real<S>(-1))»", ONE))
     + op("mul", ("return «b»;", "b + b"), ("return «a»;", "-a"))
     + op("div", (f"«{ONE} / b»", "b"), ("«-(y / b)»", "y / b"))
     + op("neg", ("«S(Real<S>(-1))»", ONE))
     + op("affine", ("call.in_bar[2], «false»", "true"))
     + op("matmul", ("Panel<S>{}, «true»", "false"))
     + op("clamp", ("return S(«x >= low && x <= high»", "x >= low"),
               ("return S(«x >= low && x <= high»", "x <= high"))
     + op("concatenate", (f"call.in_bar[«c < split ? 0 : 1»]", "0"), (f"c - split, r, «{Y_BAR}»", f"-{Y_BAR}"))
     + op("elu", ("«y + one»", "one"))
     + op("exp", ("return «y»;", ONE))
     + op("expand", (f"{X_BAR}«{Y_BAR}»", "call.out_bar.get(c, 0)"))
     + op("gather", ("in_bar[0].add(«call.index[r]», r", "0"))
     + op("log", (f"«{ONE} / x»", "x"))
     + op("max", (f"a > b ? Real<S>(1) : a == b ? «{HALF}»", "Real<S>(1)"), ("return S(«b > a» ?", "a > b"))
     + op("min", (f"a < b ? Real<S>(1) : a == b ? «{HALF}»", "Real<S>(0)"), ("return S(«b < a» ?", "a < b"))
     + op("reduce", (f"{X_BAR}«scale»", ONE), ("get(«axis == Axis::rows ? c : 0», axis ==", "0"),
          (", «axis == Axis::columns ? r : 0»)", "0"))
     + op("relu", ("return S(«x > S(Real<S>(0))»", "x >= S(Real<S>(-1))"))
     + op("sigmoid", ("«y * (S(Real<S>(1)) - y)»", "y * y"))
     + op("slice", ("in_bar[0].add(«call.attributes.begin + c»", "c"))
     + op("softmax", ("«exp(call.in[0].get(c, r) - y)»));", ONE),
          ("«S(Real<S>(1) / static_cast<Real<S>>(columns))» :", ZERO),
          (f"({Y_BAR} - «inner»)", ZERO), ("exp(call.out.get(c, r)) * «total»", Y_BAR))
     + op("softplus", ("return «-expm1(-y)»", "expm1(-y)"))
     + op("sqrt", ("«S(Real<S>(0.5)) / y»", f"{ONE} / y"))
     + op("square", ("return «x + x»", "x"))
     + op("tanh", ("return «S(Real<S>(1)) - y * y»", "S(Real<S>(1)) - y"))
     + op("where", ("in_bar[«taken(call.in[0].get(c, r)) ? 1 : 2»]", "1"))
     + op("stop_gradient", ("return «S(value_of(x))»", "x"))
     + in_file("core/program.cpp", ("if («(n.op->differentiable >> i & 1u)» && o->has_gradient)", "true",
                                     "a mark too many costs work and changes no number"))),

    ("products: samples' gradients, and dual numbers through them", OPS + " lab_moments",
     op("products", ("out[begin + r] += y[r] * «u[r]»", "T(1)"), ("call.out_bar.get(i, r) * «x(j, r)»)", "T(1)"),
        ("target.out[begin + r] += «y2[r] * x2[r]»", "y2[r]"),
        ("target.vector[i] * «call.out_bar.get(i, r)»", "T(1)"),
        ("{}, call.out.tangents(), «true»", "false"), ("readable(w.tangents()), x_bar.tangents(), «true»", "false"),
        ("x_bar.values(), «!call.fresh[0]»", "true"))
     + in_file("core/reference.cpp", ("x_j += «at(w, i, j)» *", "at(w, i, 0)"),
               ("sum += y[r * y_bar.row_stride] * «x_j[r * x.row_stride]»", "T(1)"),
               ("b_bar.column_stride] += «sum»", "-sum"))),

    ("jvps: dual numbers", "core_tangents core_curvature core_ops",
     in_file("core/dual.hpp", ("return {a.v - b.v, «a.t - b.t»}", "a.t + b.t"), ("return {-a.v, «-a.t»}", "a.t"),
             ("«a.t * b.v + a.v * b.t»", "a.t * b.v"), ("«(a.t - q * b.t) / b.v»", "a.t / b.v"),
             ("return {e, «e * x.t»}", "x.t"), ("«std::exp(x.v) * x.t»", "x.t"), ("log(x.v), «x.t / x.v»", "x.t"),
             ("log1p(x.v), «x.t / (T(1) + x.v)»", "x.t / x.v"), ("return {y, «(T(1) - y * y) * x.t»}", "y * x.t"),
             ("«x.t / (T(2) * y)»", "x.t / y"))
     + op("max", ("«(a.t + b.t) / 2»", "a.t")) + op("min", ("«(a.t + b.t) / 2»", "b.t"))),

    ("vjps of the SIMD kernels", SIMD,
     in_file("core/simd/functors.inl", ("return «V::all(-1)»;", "V::all(1)"),
             ("exponential(x);\n  }\n  template <class V>\n  static PIGRAD_INLINE V partial(V, V y, Limits<V>) {\n"
              "    return «y»", "V::all(1)"),
             ("return «V::all(1) / x»", "x"), ("«fnma(y, y, V::all(1))»", "fnma(y, V::all(1), V::all(1))"),
             ("select(less(V::all(0), y), V::all(1), «V::all(0)»)", "V::all(1)"),
             ("«y + V::all(1)»", "V::all(1)"), ("«y * (V::all(1) - y)»", "y * y"),
             ("«negated(exponential_minus_1(negated(y)))»", "exponential_minus_1(negated(y))"),
             ("return «x + x»", "x"), ("«V::all(typename V::Scalar(0.5)) / y»", "V::all(1) / y"),
             ("select(less(x, zero), «V::all(-1)»", "V::all(1)"),
             ("select(less_equal(x, limits.high), V::all(1), «V::all(0)»)", "V::all(1)"),
             ("return «negated(y_bar)»", "y_bar"), ("return y_bar * «b»;", "y_bar"), ("return y_bar * «a»;", "y_bar"),
             ("y_bar * «(V::all(1) / b)»", "b"), ("y_bar * «negated(y / b)»", "(y / b)"),
             ("«V::all(typename V::Scalar(0.5))», V::all(0));\n  return", "V::all(1)"))
     + in_file("core/simd/rows.inl", ("V::load(to) + bar * «share_c»", "equal_share"),
               ("V::load(y_bar + c * ldb + r) - «inner»", "V::all(0)"),
               ("fnma(exponential(V::load(y + c * ldy + r)), «total»,", "V::all(0)"))),

    ("estimators", "rl_returns rl_known_values rl_estimates rl_golden rl_update rl_ppo_golden rl_moments",
     in_file("rl/path_sums.hpp", ("path.reward[row] + «gamma * after»", "after"),
             ("const T after = «path.cut(t, e)»", "t + 1 == path.steps"), ("if («!path.cut(t - 1, e)»)", "true"),
             ("out[row] = path.reward[row] + «gamma * next_value[row]»", "next_value[row]"),
             ("k < «t + n - 1»", "t + n"), ("&& «!path.cut(k, e)»", "k + 1 < path.steps"),
             ("weight *= «gamma»", "T(1)"), ("const T delta = path.reward[row] + «gamma * next_value[row]»", "T(0)"),
             ("delta + «gamma * lambda»", "gamma"), (": «path.cut(t, e)»;", "t + 1 == path.steps"),
             ("weight = «path.cut(t, e) ? T(1) : weight * gamma»", "weight * gamma"),
             ("«pow(gamma, static_cast<T>(first_step[e]))»", "T(1)"))
     + in_file("rl/returns.cpp", ("squares / («sample ? count - 1 : count»)", "count"),
               ("/ («m.deviation + epsilon»)", "m.deviation"),
               ("const double mean = «sum / count»;\n  for (int i = 0; i < count; ++i) squares += (error", "0.0"))
     + in_file("rl/advantage.cpp", ("return_to_go(in.path, «T(1)»", "in.gamma"), ("out[i] -= «in.value[i]»", "T(0)"),
               ("out[i] *= «weight[i]»", "T(1)"), ("x *= «in.return_scale»", "T(1)"))),

    ("boundaries: terminated, truncated, edge, masks", ENDS,
     in_file("rl/returns.hpp", ("|| «terminated[row] != 0»", "false"), ("|| «truncated[row] != 0»", "false"),
             ("valid && «valid[row] == 0»", "false"), ("return «t + 1 == steps»", "false && t"))
     + in_file("rl/boundary.hpp", ("if («last && (!ended || edge_over_end)»)", "last"),
               ("return «ended ? After::final_obs : After::next_obs»", "After::next_obs"),
               ("return «!terminated && bootstrap_truncated» ?", "bootstrap_truncated"),
               ("return «!terminated && bootstrap_truncated» ?", "!terminated"),
               ("return «!terminated && bootstrap_truncated» ?", "false"))
     + in_file("rl/boundary.cpp", ("std::copy(«value + copies», value", "value"), ("? «rollout.reward[r]»", "T(0)"),
               ("if («row < edge && !rollout.ended(row)») continue", "row < edge"),
               ("open.push_back(«row - edge»)", "0"), ("copies, open, «rollout.rows() - copies»", "0"),
               ("static_cast<T>(deviation_) + «static_cast<T>(mean_)»", "T(0)"),
               ("if («rollout.ended(row)») open = 0", "false"),
               ("!open && «rollout.valid[static_cast<std::size_t>(row)]»", "true"),
               ("drop = «boundary.edge == \"drop\"»", "false"))
     + in_file("rl/estimates.cpp", ("in.gamma * «edge_value_[at(e)]»", "T(0)"),
               ("static_cast<T>(«now + 1») / limit", "now"),
               ("«r.ended(row) || !r.valid[at(row)] ? 0 : now + 1»", "now + 1"),
               ("next_value_[at(row)] = «at_cuts[at(row)]»", "next_value_[at(row)]"))),

    ("time limits and resets",
     "env_vector env_resume env_cartpole rl_boundary rl_whole_episodes rl_normaliser "
     "rl_known_values rl_train env_conformance",
     in_file("env/vector_env.cpp", ("«(steps >= limit) & (terminated[c] == 0)»", "(steps >= limit)"),
             ("(«steps >= limit») &", "steps > limit"), ("episodes[i] = «++episode_[c]»", "episode_[c]"),
             ("length_[copy] = «0»;", "1"), ("return_[copy] = «0»;", "1"),
             ("dynamics_->observe_some(ended, count, «out.final_obs»", "out.obs"),
             ("out.valid[c] = «waiting == 0»", "1"), ("begin_episode(at(c), «episode_[at(c)] + 1»);\n      continue",
                                                      "episode_[at(c)]"),
             ("out.truncated[c] = «!out.terminated[c]» &&", "true"),
             ("out.terminated[c] = «!next_step && waiting == 1»", "waiting == 1"),
             ("waiting_[at(copy)] = «out.terminated[copy] ? 1 : 2»", "2"))
     + in_file("rl/collector.cpp", ("static_cast<std::uint64_t>(«steps_done_ + t»)", "t"),
               ("if («rollout.ended(row) && rollout.valid[r]»)", "rollout.ended(row)"),
               ("episode_length_[r], «rollout.truncated[r] != 0»", "false"),
               ("    if («rollout.ended(row + e)») {", "false"))),

    ("losses", LEARN + " rl_hooks",
     in_file("rl/losses.cpp", ("loss = «-reduce(log_prob * weight)»", "reduce(log_prob * weight)"),
             ("loss = loss - «entropy_bonus» *", "(-entropy_bonus)"),
               ("mean(«acted - log_prob»)", "log_prob - acted"),
             ("target = target + «factor» *", "(-factor)"), (": «stop_gradient(after)»", "after"),
             ("reduce(«square(value - target)»)", "abs(value - target)"), (" + «spread»)", "(spread + spread)"),
             ("sum(terms) : «sum(terms) * scale_»", "sum(terms)"))
     + in_file("rl/joint_loss.cpp", ("return «min(max(x, low), high)»", "max(x, low)"),
               ("mean(«min(ratio * advantage, clipped * advantage)»)", "ratio * advantage"),
               ("mean(«min(ratio * advantage, clipped * advantage)»)", "clipped * advantage"),
               ("mean(«min(ratio * advantage, clipped * advantage)»)", "max(ratio * advantage, clipped * advantage)"),
               ("surrogate + «settings.critic.coefficient» *", "1.0"),
               ("loss = loss - «settings.policy.entropy_bonus» *", "(-settings.policy.entropy_bonus)"),
               ("log_ratio = «r.log_prob - acted»", "acted - r.log_prob"), ("? «max(error, held)»", "held"),
               ("mean(«ratio - 1.0 - log_ratio»)", "(-log_ratio)"), ("beyond = «abs(ratio - 1.0)»", "(ratio - 1.0)"),
               ("«(-mean(r.log_prob * r.weight))»", "mean(r.log_prob * r.weight)"))),

    ("orders of minibatches", "rl_shuffle rl_ppo",
     in_file("rl/shuffle.hpp", ("rounds = «8»", "2"), ("bits_ = «3»", "1"), ("l += «round(k, r)»;", "0u"),
             ("(r + «round(k + 1, l)»)", "0u"), ("while (i >= «n_»)", "a_ << bits_"))
     + in_file("rl/shuffle.cpp", ("= «p.left(bits)»", "0u"), ("out[i] = «rows[p.at(i, round)]»", "rows[i]"))),

    ("optimisers and clipping", "nn_optimiser nn_clip core_simd nn_schedule rl_golden",
     in_file("nn/optimisers/steps.hpp", ("bias1 = «1 - pow(beta1, steps)»", "1.0"),
             ("sqrt(«1 - pow(beta2, steps)»)", "1.0"), ("decay = decoupled ? 0 : «weight_decay»", "0.0"),
             ("? 1 - «learning_rate * weight_decay»", "weight_decay"),
             ("using std::pow, std::sqrt;\n    const auto steps = "
              "«static_cast<double>(t)»", "1.0"),
             ("static_cast<T>(«1 - beta1»)", "beta1"), ("static_cast<T>(«1 - beta2»)", "beta2"))
     + in_file("core/optimiser_steps.hpp", ("mean = normal(mean + «step.enter1 * (g - mean)»)", "step.enter1 * g"),
               ("* step.root_scale + «step.epsilon»", "T(0)"),
               ("const T g = «step.sign * gradient» + step.decay * parameter;\n  mean = normal(", "gradient"),
               ("const T g = «step.sign * gradient» + step.decay * parameter;\n  square =", "gradient"),
               ("const T g = «step.sign * gradient» + step.decay * parameter;\n  if (velocity)", "gradient"))
     + in_file("core/simd/optimisers.inl", ("fma(enter1, «g - mean», mean)", "g"),
               ("root_scale, «epsilon»)", "V::all(0)"))
     + in_file("core/optimiser_steps.hpp", ("variance = variance - «*mean * *mean»", "T(0)"),
               ("sqrt(variance + «step.inside»)", "T(0)"), ("+ «step.outside»;", "T(0)"),
               ("*velocity = normal(«step.momentum * *velocity» +", "*velocity"))
     + in_file("nn/optimisers/steps.hpp", (".inside = «epsilon_inside ? static_cast<T>(epsilon) : T(0)»", "T(0)"),
               (".outside = «epsilon_inside ? T(0) : static_cast<T>(epsilon)»", "T(0)"),
               (".momentum = «static_cast<T>(momentum)»", "T(1)"), ("static_cast<T>(«1 - dampening»)", "1.0"),
               (".own = «nesterov ? static_cast<T>(momentum) : T(1)»", "T(1)"),
               (".ahead = «nesterov ? T(1) : T(0)»", "T(0)"),
               (".keep = «first ? T(0) : static_cast<T>(momentum)»", "T(1)"), (".enter = first ? «T(1)» :", "T(0)"))
     + in_file("core/simd/optimisers.inl", ("V g = fma(sign, gradient, «decay * p»)", "V::all(0)"),
               ("fma(enter2 * g, «g», keep2", "V::all(1)"), ("g, «keep2 * square»)", "square"),
               ("fma(«shrink», p,", "V::all(1)"), ("divided(«rate * mean», fma(near_root", "mean"),
               ("load_first<V>(gradient + i, count) + «decay * p»;", "V::all(0)"),
               ("+ enter * g * «g»);", "V::all(1)"), ("m = normal(old + «enter * (g - old)»)", "enter * g"),
               ("at_least(V::all(0), s - «m * m»)", "V::all(0)"), ("near_root(variance + «inside») +", "V::all(0)"),
               ("near_root(variance + inside) + «outside»;", "V::all(0)"),
               ("b = normal(«momentum * load_first<V>(velocity + i, count)» +", "load_first<V>(velocity + i, count)"),
               ("store_first(p - «rate * b»,", "b"))
     + in_file("nn/clip.cpp", ("std::min(1.0, max_norm / («norm + epsilon»))", "norm"),
               ("if («norm + epsilon > max_norm»)", "norm > max_norm"),
               ("gradient[i] *= «factor»", "T(1)"),
               ("scale;\n      lane[k] += «x * x»", "x"), ("scale;\n    lane[k] += «x * x»", "0.0"),
               ("scaled += «x * x»", "x"), ("* half * «rest»;", "1.0"),
               ("return «std::ldexp(std::sqrt(scaled), exponent)»", "std::sqrt(scaled)"))),

    ("sampling, log-probability, entropy, KL", "nn_distributions nn_sampling nn_identities nn_masked",
     in_file("nn/distributions/sampling.hpp", ("u *= «total»", "T(1)"), ("«!(u < passed)»", "u < passed"),
             ("mean + «exp(log_std)» * z", "log_std"), ("z = «j % 2 ? pair.second : pair.first»", "pair.first"),
             ("(stored_z * stored_z) - «log_std»", "T(0)"),
             ("- log_std - «static_cast<T>(half_log_two_pi)»", "T(0)"))
     + in_file("nn/distributions/categorical.cpp", ("log_prob[r] = «row(index[r])»", "row(0)"),
               ("if («row[c * log_probs.column_stride] > row[best * log_probs.column_stride]»)",
              "row[c * log_probs.column_stride] < row[best * log_probs.column_stride]"),
             ("return (-sum(«softmax(logits)» *", "log_softmax(logits)"),
               ("probability * «where(probability, p - q, p.tape().constant(0))»",
                                                      "(q - p)"))
     + in_file("nn/distributions/gaussian.cpp", ("square(z) - «ln_sigma»", "(ln_sigma + ln_sigma)"),
               ("(action - mean) * «exp(-ln_sigma)»", "exp(ln_sigma)"),
               ("(«0.5 + half_log_two_pi»)", "half_log_two_pi"), ("«2.0 * (ln_p - ln_q)»", "(ln_p - ln_q)"),
               ("? «0.5 * spread»", "spread"), ("sum(«ln_q - ln_p» +", "(ln_p - ln_q)"))),

    ("normalisers", "rl_normaliser rl_known_values rl_golden",
     in_file("rl/normaliser.hpp", ("+ «apart * apart * count * n / all»)", "0.0"),
             ("mean += «apart * n / all»", "apart"), ("  count = «all»", "n"))
     + in_file("rl/normaliser.cpp", ("moments_[f].variance + «settings_.epsilon»", "0.0"),
             ("std::clamp(x, «-settings_.clip», settings_.clip)", "0.0"), ("«gamma_ * running_[e]» +", "running_[e]"),
             ("if («rollout.ended(rollout.row(t, e))»)", "false"),
             ("(«static_cast<double>(from[r]) - moments_[f].mean»)", "static_cast<double>(from[r])"),
             ("settings_.clip > 0 ? «std::clamp(scaled, -settings_.clip, settings_.clip)»", "scaled"))),

    ("the natural gradient", "rl_natural core_curvature",
     in_file("rl/natural_policy.cpp", ("std::sqrt(«2 * settings_->max_kl» / curvature)", "settings_->max_kl"),
             ("out[i] += «damping * v[i]»", "T(0)"),
               ("start_[at] - «static_cast<T>(alpha)»", "static_cast<T>(-alpha)"),
             ("kl(«stop_gradient(statistics)»,", "statistics"),
               ("loss = «-mean(ratio * weight)»", "mean(ratio * weight)"))
     + in_file("core/conjugate_gradients.cpp", ("r[i] + «beta * p[i]»", "T(0)"), ("r[i] -= «alpha * q[i]»", "q[i]"))),

    ("values handed from one program to the next", "rl_handover core_known rl_update rl_ppo rl_golden rl_train",
     in_file("rl/handover.cpp", ("version_ != 0 && «version_ == parameters_->version(range_)»", "true"),
             ("«version_ != 0» &&", "true", "versions begin at 1, so that the comparison refuses 0 too"),
             ("known ? «panel_.data() + v.begin * ld_ + row»", "panel_.data() + row"),
             ("rows_ > 0 ? «panel_.data() + v.begin * ld_ + row»", "panel_.data() + v.begin * ld_"),
             ("{from, {}, «columns_»}", "0"))
     + in_file("core/common_nodes.cpp", ("return «p.inputs()[at(a.slot)].name == q.inputs()[at(b.slot)].name»", "true"),
               ("return «a.slot == b.slot && p.parameters().at(a.slot).name == q.parameters().at(b.slot).name»",
                "true"),
               ("return «std::equal(p.constants().begin() + a.slot, p.constants().begin() + a.slot + a.shape.rows * "
                "a.shape.columns,\n                        q.constants().begin() + b.slot)»", "true"),
               ("if («a.kind != b.kind || a.shape != b.shape»)", "a.kind != b.kind"),
               ("if («a.op != b.op || a.attributes != b.attributes»)", "a.op != b.op"),
               ("if («a.op != b.op || a.attributes != b.attributes»)", "a.attributes != b.attributes"),
               ("«twin[static_cast<std::size_t>(o)] != a.operands[i]»", "false"),
               ("a.kind == NodeKind::op && «a.shape.is_batch()»", "true"))),

    ("the policy that acts", "policy_numbers capi",
     in_file("policy/policy.cpp", ("x[i] = «tanhf(x[i])»", "x[i]"), ("x[i] = «x[i] > 0 ? x[i] : 0»", "x[i]"),
             ("x[i] > 0 ? x[i] : «expm1f(x[i])»", "x[i]"), ("«1 / (1 + expf(-x[i]))»", "expf(x[i])"),
             ("«log1pf(expf(x[i]))»", "expf(x[i])"), ("x[i] - most - «logf(sum)»", "0"),
             ("x[i] = x[i] - «most» - logf", "0"), ("- p.mean[f]) * «p.inverse[f]»", "1"),
             ("(«static_cast<double>(obs[f]) - p.mean[f]»)", 
              "static_cast<float>(obs[f]) - static_cast<float>(p.mean[f])"),
             ("< -p.clip ? «-p.clip»", "centred"), ("(centred > p.clip ? «p.clip»", "centred"),
             ("y[i] = «layer.bias[i]»", "0"), ("y[i] += «weight[i] * x[j]»", "weight[i]"),
             ("p.spread_from_network ? «p.log_std_scale * x[p.actions + i]»", "x[p.actions + i]"),
             ("action[i] = «bounded(says[i], p.low[i], p.high[i])»", "says[i]"),
             ("return «x < low ? low : (x > high ? high : x)»", "(x > high ? high : x)"),
             ("if («says[i] > says[best]»)", "says[i] < says[best]"), ("left -= «expf(says[i])»", "0.5f"),
             ("«expf(says[p.actions + i])» * z", "says[p.actions + i]"), ("sqrtf(«-2 * logf(uniform(seed))»)", "1"),
             ("cosf(«6.2831853f * uniform(seed)»)", "uniform(seed)"))
     + in_file("policy/fill.cpp", ("weight[j * outputs + i] = «rows[i * inputs + j]»", "rows[j * outputs + i]"),
               ("moments[3 * f + 1] + «epsilon»", "0.0"), ("mean[f] = «moments[3 * f]»", "moments[f]"),
               ("static_cast<float>(«spread.scale * ends[i]»)", "ends[i]"),
               ("&& «all.layers[all.layer_count - 1].outputs != layer.inputs»", "false"),
               ("|| «!(shape.clip > 0)»", "false"))
     + in_file("policy/source.cpp", ("if («!isfinite(out[i])»)", "false"))
     + in_file("policy/load.cpp", ("version < 1 || «version > Policy::format_version»", "false"),
               ("if («version < 1» ||", "false"))
     + in_file("policy/number.cpp", ("if («after_point») --exponent", "false"), ("if («negative») out = -out", "false"),
               ("exponent += «negative ? -size : size»", "size"))),

    ("the C interface", "capi",
     in_file("capi/trainer.cpp", ("observe(reward, «terminated != 0», truncated != 0, next_.data()", "truncated != 0"),
             ("terminated != 0, «truncated != 0», next_.data()", "false"),
             ("observe(reward, «terminated != 0», truncated != 0, next_obs", "false"),
             ("terminated != 0, «truncated != 0», next_obs", "false"),
             ("under_way[c] = «!terminated && !truncated»", "!terminated"),
             ("if («!t_.acted[c]») t_.choice", "true"), ("if («threads < 1») throw Error(\"trainer_update\"", "false"),
             ("«(task.choices > 0) == (task.dimensions > 0)» ||", "false"),
             ("double>(low, low + n) : std::vector<double>(n, «-no_bound»)", "no_bound"))
     + in_file("capi/hosted.cpp", ("observe(«static_cast<T>(reward)»,", "T(0)"))
     + in_file("capi/settings.cpp", ("if («value.size() >= size»)", "value.size() > size"),
               ("if («!assign(field, value)»)", "(assign(field, value), false)"))
     + in_file("capi/guard.hpp", ("version < 1 || «version > PIGRAD_API_VERSION»", "false"),
               ("«std::min(std::strlen(words), sizeof error->words - 1)»", "std::strlen(words)"))),
]
