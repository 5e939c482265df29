#include <doctest/doctest.h>

#include <iostream>
#include <pigrad/core/ops.hpp>
#include <pigrad/core/workspace.hpp>
using namespace pigrad;
TEST_CASE("smoke") {
  ParameterLayout layout;
  layout.add("w", 3, 4);
  layout.add("b", 1, 3);
  layout.add("ls", 1, 3);
  Tape t(layout);
  auto x = t.input("x", 4);
  auto a = t.index("a");
  auto adv = t.input("adv", 1);
  auto h = tanh(affine(x, t.parameter("w"), t.parameter("b")).named("pre"));
  auto lp = gather(log_softmax(h / exp(t.parameter("ls"))), a);
  auto loss = -mean(lp * adv) + 0.5 * mean(square(h));
  Program p = t.program(loss, {{"lp", lp}});
  std::cout << p.table();
  Workspace<double> ws(p);
  std::vector<double> th(p.parameters().size());
  for (size_t i = 0; i < th.size(); ++i) th[i] = 0.1 * ((i * 7) % 11) - 0.5;
  const int B = 250;
  std::vector<double> xs(4 * B), ad(B);
  std::vector<int> ac(B);
  for (int i = 0; i < 4 * B; ++i) xs[i] = 0.01 * ((i * 37) % 101) - 0.5;
  for (int i = 0; i < B; ++i) {
    ad[i] = 0.02 * ((i * 13) % 97) - 1;
    ac[i] = i % 3;
  }
  Bindings<double> b(p);
  b.parameters(th.data());
  b.input("x", xs.data(), B);
  b.input("adv", ad.data(), B);
  b.index("a", ac.data());
  b.rows(B);
  std::vector<double> g(th.size());
  double l = ws.run(b, Sink<double>::sum(g.data())).loss;
  std::cout << l << "\n";
  for (size_t i = 0; i < th.size(); ++i) {
    double e = 1e-6, o = th[i];
    th[i] = o + e;
    double up = ws.run(b, {}).loss;
    th[i] = o - e;
    double dn = ws.run(b, {}).loss;
    th[i] = o;
    CHECK(g[i] == doctest::Approx((up - dn) / (2 * e)).epsilon(1e-6));
  }
  std::vector<double> rows(B * th.size()), nrm(B), dot(B);
  ws.run(b, Sink<double>::rows(rows.data()));
  ws.run(b, Sink<double>::norm(nrm.data()));
  ws.run(b, Sink<double>::dot(th.data(), dot.data()));
  std::vector<double> s(th.size());
  for (int r = 0; r < B; ++r) {
    double n2 = 0, d = 0;
    for (size_t i = 0; i < th.size(); ++i) {
      s[i] += rows[r * th.size() + i];
      n2 += rows[r * th.size() + i] * rows[r * th.size() + i];
      d += rows[r * th.size() + i] * th[i];
    }
    CHECK(nrm[r] == doctest::Approx(std::sqrt(n2)));
    CHECK(dot[r] == doctest::Approx(d));
  }
  for (size_t i = 0; i < th.size(); ++i) CHECK(s[i] == doctest::Approx(g[i]));
}
