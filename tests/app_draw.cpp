#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <pigrad/app/canvas_terminal.hpp>
#include <pigrad/app/draw/scene.hpp>
#include <pigrad/app/environments.hpp>
#include <pigrad/env/registry.hpp>

using namespace pigrad;
using namespace pigrad::app;

namespace {

constexpr double kPi = std::numbers::pi;
constexpr unsigned kBody = 0x0072b2, kRod = 0xd55e00, kForce = 0x009e73;
constexpr double kWidth = 400, kHeight = 240;

Spec spec_of(const std::string& id, const Space& action, int features) {
  Spec spec;
  spec.id = id;
  spec.action = action;
  spec.observation = Space::box(features, -1, 1);
  return spec;
}

Pixels draw(const Spec& spec, const std::vector<double>& observation, const std::vector<double>& action = {}) {
  Scene scene;
  scene.observation = observation;
  scene.action = action;
  const auto canvas = png_canvas(kWidth, kHeight, 1);
  drawing_of(spec.id).draw(*canvas, {0, 0, kWidth, kHeight}, spec, scene);
  return canvas->pixels();
}

/// Where the dots of a colour are, on average; NaN where there are none.
Point middle(const Pixels& pixels, unsigned rgb) {
  Point sum;
  int count = 0;
  for (int y = 0; y < pixels.height; ++y)
    for (int x = 0; x < pixels.width; ++x)
      if (pixels.rgb[static_cast<std::size_t>(y * pixels.width + x)] == rgb) sum.x += x, sum.y += y, ++count;
  return {sum.x / count, sum.y / count};
}

}  // namespace

TEST_CASE("every environment has a drawing, and whatever the numbers it stays on the canvas") {
  const Registry registry = all_environments();
  std::vector<Spec> specs = {spec_of("InvertedPendulum-v4", Space::box(1, -3, 3), 4),
                             spec_of("InvertedDoublePendulum-v4", Space::box(1, -1, 1), 11),
                             spec_of("Mine-v0", Space::box(3, -1, 1), 100), spec_of("Mine-v1", Space::discrete(1), 1)};
  for (const std::string& name : registry.names()) specs.push_back(registry.spec(name));
  for (const Spec& spec : specs) {
    CAPTURE(spec.id);
    const Drawing& drawing = drawing_of(spec.id);
    CHECK(drawing.steps_a_second > 0);
    const auto features = static_cast<std::size_t>(spec.observation.size());
    const auto actions = static_cast<std::size_t>(spec.action.size());
    for (const double value : {0.0, 0.5, -3.0, 1e9, std::numeric_limits<double>::infinity(), std::nan("")}) {
      const Pixels pixels = draw(spec, std::vector<double>(features, value), std::vector<double>(actions, 0.0));
      CHECK(pixels.rgb.size() == static_cast<std::size_t>(kWidth * kHeight));
      const auto text = terminal_canvas(40, 10, true);
      Scene scene;
      scene.observation.assign(features, value);
      drawing.draw(*text, {0, 0, 320, 160}, spec, scene);
      CHECK(text->lines().size() == 10);
    }
  }
}

TEST_CASE("carts stand where they are, and poles lean to the side where they fall") {
  const auto check_rig = [](const std::string& id, const Space& action, auto observe) {
    CAPTURE(id);
    const Spec spec = spec_of(id, action, 4);
    const Point centre = middle(draw(spec, observe(0.0, 0.0)), kBody);
    CHECK(std::abs(centre.x - kWidth / 2) < 3);
    CHECK(middle(draw(spec, observe(0.8, 0.0)), kBody).x > centre.x + 30);
    CHECK(middle(draw(spec, observe(-0.8, 0.0)), kBody).x < centre.x - 30);
    const Point upright = middle(draw(spec, observe(0.0, 0.0)), kRod);
    CHECK(std::abs(upright.x - kWidth / 2) < 3);
    CHECK(upright.y < centre.y);
    CHECK(middle(draw(spec, observe(0.0, 0.5)), kRod).x > upright.x + 3);
    CHECK(middle(draw(spec, observe(0.0, -0.5)), kRod).x < upright.x - 3);
  };
  check_rig("CartPole-v1", Space::discrete(2), [](double x, double right) {
    return std::vector<double>{x, 0, right, 0};
  });
  check_rig("CartPoleSwingUp-v1", Space::box(1, -1, 1), [](double x, double right) {
    return std::vector<double>{x, 0, std::cos(right), -std::sin(right), 0};
  });
  check_rig("InvertedPendulum-v4", Space::box(1, -3, 3), [](double x, double right) {
    return std::vector<double>{x, right, 0, 0};
  });
  check_rig("InvertedDoublePendulum-v4", Space::box(1, -1, 1), [](double x, double right) {
    return std::vector<double>{x, std::sin(right), 0, std::cos(right), 1, 0, 0, 0, 0, 0, 0};
  });
}

TEST_CASE("a pole of the swing-up that falls is drawn falling that way") {
  const Registry registry = Registry::builtin();
  auto env = registry.make<double>("CartPoleSwingUp-v1", 1, 1);
  const auto& spec = registry.spec("CartPoleSwingUp-v1");
  std::vector<double> obs(5), reward(1), action(1, 1.0);
  std::vector<std::uint8_t> terminated(1), truncated(1);
  env->set_state(0, {0, 0, 0, 0});
  StepBuffers<double> out;
  out.obs = obs.data();
  out.obs_ld = 1;
  out.reward = reward.data();
  out.terminated = terminated.data();
  out.truncated = truncated.data();
  for (int t = 0; t < 25; ++t) env->step(1, Actions<double>::box(action.data(), 1), out);
  const Pixels pixels = draw(spec, obs, action);
  CHECK(middle(pixels, kBody).x > kWidth / 2 + 5);
  CHECK(middle(pixels, kRod).x < middle(pixels, kBody).x);  // a cart pushed from under its pole
}

TEST_CASE("the arrow points where the action pushes, as long as it is strong") {
  const Spec spec = spec_of("CartPole-v1", Space::discrete(2), 4);
  const std::vector<double> still(4);
  CHECK(std::isnan(middle(draw(spec, still), kForce).x));
  CHECK(middle(draw(spec, still, {1}), kForce).x > kWidth / 2 + 20);
  CHECK(middle(draw(spec, still, {0}), kForce).x < kWidth / 2 - 20);
  const Spec box = spec_of("InvertedPendulum-v4", Space::box(1, -3, 3), 4);
  const double weak = middle(draw(box, still, {1}), kForce).x, strong = middle(draw(box, still, {3}), kForce).x;
  CHECK(strong > weak + 10);
  CHECK(middle(draw(box, still, {300}), kForce).x == doctest::Approx(strong));
}

TEST_CASE("pendulum, acrobot and car are where their angles and place say") {
  const Spec pendulum = spec_of("Pendulum-v1", Space::box(1, -2, 2), 3);
  const auto rod = [&](double angle) { return middle(draw(pendulum, {std::cos(angle), std::sin(angle), 0}), kRod); };
  CHECK(rod(0).y < kHeight / 2 - 20);
  CHECK(rod(kPi).y > kHeight / 2 + 20);
  CHECK(rod(kPi / 2).x < kWidth / 2 - 20);  // anticlockwise

  const Spec acrobot = spec_of("Acrobot-v1", Space::discrete(3), 6);
  const Pixels hanging = draw(acrobot, {1, 0, 1, 0, 0, 0});
  CHECK(middle(hanging, kBody).y > kHeight / 2);
  CHECK(middle(hanging, kRod).y > middle(hanging, kBody).y + 20);
  const Pixels bent = draw(acrobot, {0, 1, 0, 1, 0, 0});  // to the right, then up
  CHECK(middle(bent, kBody).x > kWidth / 2 + 15);
  CHECK(middle(bent, kBody).y == doctest::Approx(kHeight / 2).epsilon(0.03));
  CHECK(middle(bent, kRod).y < kHeight / 2 - 15);
  CHECK(middle(draw(acrobot, {0, 1, 1, 0, 0, 0}), kRod).x > kWidth / 2 + 60);

  const Spec car = spec_of("MountainCar-v0", Space::discrete(3), 2);
  const auto place = [&](double x) { return middle(draw(car, {x, 0}), kBody); };
  CHECK(place(0.4).x > place(-0.5).x + 50);
  CHECK(place(0.4).y < place(-0.5).y - 30);
  CHECK(place(-1.1).y < place(-0.5).y - 20);
}

TEST_CASE("a board shows the cell") {
  const Registry registry = Registry::builtin();
  const Spec& board = registry.spec("GridWorld-v0");
  std::vector<double> cell(16);
  cell[7] = 1;  // row 1, column 3
  const Point at = middle(draw(board, cell), kBody);
  CHECK(at.x > kWidth / 2 + 40);
  CHECK(at.y < kHeight / 2);
  const Spec& chain = registry.spec("Chain-v0");
  CHECK(middle(draw(chain, {0, 1}), kBody).x > middle(draw(chain, {1, 0}), kBody).x + 100);
}

TEST_CASE("the bars of an unknown environment are as long as its numbers") {
  const Spec mine = spec_of("Mine-v0", Space::discrete(3), 2);
  const auto dots = [&](double value) {
    const Pixels pixels = draw(mine, {value, 0});
    return std::count(pixels.rgb.begin(), pixels.rgb.end(), kBody);
  };
  CHECK(dots(1) > 1.8 * static_cast<double>(dots(0.5)));
  CHECK(middle(draw(mine, {1, 0}), kBody).y < middle(draw(mine, {-1, 0}), kBody).y - 40);
}

TEST_CASE("a terminal's canvas draws in Braille, or in ASCII, within its clip") {
  const auto canvas = terminal_canvas(4, 2, true);
  canvas->line({{2, 2}, {30, 2}}, {0}, 1);
  canvas->rectangle({0, 16}, 8, 16, {0});
  canvas->text({32, 31}, "é1", {12, {}, false, 1});
  CHECK(canvas->lines() == std::vector<std::string>{"⠉⠉⠉⠉", "⣿ é1"});
  CHECK(canvas->finish() == "⠉⠉⠉⠉\n⣿ é1\n");
  canvas->rectangle({0, 0}, 32, 16, {0xffffff});
  CHECK(canvas->lines()[0] == "    ");
  canvas->clip({8, 0}, 8, 16);
  canvas->rectangle({-100, -100}, 1000, 1000, {0});
  canvas->line({{-1e300, 0}, {1e300, 5}}, {0}, 1e9);
  canvas->unclip();
  CHECK(canvas->lines() == std::vector<std::string>{" ⣿  ", "⣿ é1"});
  const auto plain = terminal_canvas(2, 1, false);
  plain->rectangle({0, 0}, 8, 16, {0x222222});
  CHECK(plain->lines()[0] == "# ");
}
