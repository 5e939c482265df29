#include <cstdio>
#include <pigrad/core/parameters.hpp>
#include <pigrad/core/random.hpp>

int main() {
  pigrad::ParameterLayout layout;
  layout.add("policy.weight", 2, 4);
  layout.add("policy.bias", 1, 2);
  pigrad::Parameters<double> parameters(layout);

  const pigrad::Random random(123, pigrad::Purpose::initialise);
  for (int i = 0; i < parameters.size(); ++i) parameters.data()[i] = random.normal<double>(0, static_cast<unsigned>(i));
  parameters.touch();

  for (const pigrad::Segment& segment : layout.segments())
    std::printf("%s %dx%d %.6f\n", segment.name.c_str(), segment.rows, segment.columns,
                parameters.data(segment.name)[0]);
  try {
    layout.find("critic.weight");
  } catch (const pigrad::Error& error) {
    std::printf("%s\n", error.what());
    return 0;
  }
  return 1;
}
