#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "text.hpp"

namespace pigrad::app {
namespace {

constexpr double kRedraw = 0.1, kMark = 0.2, kWindow = 10, kPlain = 10;

int tenth(int epoch, int epochs) { return epochs > 0 ? static_cast<int>(10LL * epoch / epochs) : 10; }

std::string bar(double share, int width, bool unicode) {
  const char* eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int filled = static_cast<int>(std::floor(std::clamp(share, 0.0, 1.0) * width * 8));
  std::string text = unicode ? "│" : "[";
  for (int i = 0; i < filled / 8; ++i) text += unicode ? "█" : "#";
  int drawn = filled / 8;
  if (unicode && filled % 8 > 0) {
    text += eighths[filled % 8];
    ++drawn;
  }
  text += std::string(static_cast<std::size_t>(width - drawn), ' ');
  return text + (unicode ? "│" : "]");
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, std::abs(value) < 9999.5 ? "%.1f" : "%.4g", value);
  return text;
}

}  // namespace

Progress::Progress(Display display, int epochs, int finished, std::int64_t steps)
    : display_(std::move(display)), epochs_(epochs), epoch_(finished), steps_(steps) {
  const double now = display_.seconds();
  marks_.push_back({now, finished, steps});
  shown_at_ = now - (display_.terminal ? kRedraw : 0);
  tenth_shown_ = tenth(finished, epochs);
}

Progress::~Progress() {
  if (open_) *display_.out << "\n" << std::flush;
}

void Progress::update(int epoch, std::int64_t steps, double mean_return) {
  const std::lock_guard lock(mutex_);
  epoch_ = epoch;
  steps_ = steps;
  return_ = mean_return;
  const double now = display_.seconds();
  // The newest mark moves along until the one before it is far enough back.
  if (marks_.size() > 1 && now - marks_[marks_.size() - 2].seconds < kMark) marks_.pop_back();
  marks_.push_back({now, epoch, steps});
  while (marks_.size() > 2 && now - marks_[1].seconds > kWindow) marks_.pop_front();
  if (display_.quiet) return;
  const double since = now - shown_at_;
  if (display_.terminal) {
    if (since >= kRedraw) draw();
  } else if (tenth(epoch_, epochs_) > tenth_shown_ || since >= kPlain) {
    *display_.out << plain_line() << "\n" << std::flush;
    tenth_shown_ = tenth(epoch_, epochs_);
    shown_at_ = now;
  }
}

void Progress::go_up() {
  *display_.out << "\r";
  if (rows_above_ > 0) *display_.out << "\x1b[" << rows_above_ << "A";
  if (rows_above_ > picture_.size()) *display_.out << "\x1b[J";
  rows_above_ = 0;
}

void Progress::draw() {
  go_up();
  for (const std::string& row : picture_) *display_.out << row << "\x1b[K\n";
  rows_above_ = picture_.size();
  // A full last column makes some terminals go to the next line.
  *display_.out << line(display_.columns() - 1) << "\x1b[K" << std::flush;
  open_ = true;
  shown_at_ = display_.seconds();
}

void Progress::say(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (display_.quiet) return;
  if (open_) {
    const char* wipe = rows_above_ > 0 ? "\x1b[J" : "\x1b[K";
    go_up();
    *display_.out << wipe;
  }
  *display_.out << line << "\n" << std::flush;
  if (open_) draw();
}

void Progress::picture(std::vector<std::string> lines) {
  const std::lock_guard lock(mutex_);
  if (display_.quiet || !display_.terminal || finished_) return;
  picture_ = std::move(lines);
  draw();
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (finished_ || display_.quiet) return;
  finished_ = true;
  picture_.clear();
  if (!display_.terminal) return;
  draw();
  *display_.out << "\n" << std::flush;
  open_ = false;
}

double Progress::rate() const {
  const double seconds = marks_.back().seconds - marks_.front().seconds;
  return seconds > 0 ? static_cast<double>(marks_.back().steps - marks_.front().steps) / seconds : 0;
}

double Progress::seconds_left() const {
  const int done = marks_.back().epoch - marks_.front().epoch;
  if (done <= 0) return std::numeric_limits<double>::quiet_NaN();
  return (marks_.back().seconds - marks_.front().seconds) / done * (epochs_ - epoch_);
}

// The note, or the return, behind a gap.
std::string Progress::middle(int width) const {
  if (!note_.empty()) return "  " + note_;
  return std::isnan(return_) ? "" : "  return " + pad(number(return_), width, true);
}

// Environment steps a second, behind a gap; nothing where something else is counted.
std::string Progress::pace(int width) const {
  return unit_ == "epoch" ? "  " + pad(si(rate()), width, true) + " steps/s" : "";
}

std::string Progress::plain_line() const {
  const double left = seconds_left();
  std::string text = unit_ + " " + std::to_string(epoch_) + "/" + std::to_string(epochs_);
  text += middle(0);
  text += pace(0);
  if (epoch_ < epochs_ && !std::isnan(left)) text += "  " + duration(left) + " left";
  return text;
}

std::string Progress::line(int columns) const {
  const std::string total = std::to_string(epochs_);
  const double left = seconds_left();
  const std::string epoch = pad(std::to_string(epoch_), static_cast<int>(total.size()), true) + "/" + total;
  const std::string reward = middle(6);
  const std::string speed = pace(5);
  std::string time;
  if (epoch_ < epochs_) time = "  " + pad(std::isnan(left) ? "?" : duration(left), 5, true) + " left";

  // From the widest form to the narrowest: the bar shrinks, then words go, the least wanted first.
  const std::string tail = reward + speed + time;
  const int room = columns - display_width(unit_ + " " + epoch + "  " + tail) - 2;
  if (room >= 6) {
    const double share = epochs_ > 0 ? static_cast<double>(epoch_) / epochs_ : 1;
    return unit_ + " " + epoch + "  " + bar(share, std::min(room, 30), display_.unicode) + tail;
  }
  for (const std::string& form : {unit_ + " " + epoch + tail, epoch + tail, epoch + reward + time, epoch + reward}) {
    if (display_width(form) <= columns) return form;
  }
  return columns >= display_width(epoch) ? epoch : "";
}

}  // namespace pigrad::app
