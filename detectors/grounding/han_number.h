// Numbers written in Han characters: 二〇一五, 三百二十, 两万.
#pragma once

#include <algorithm>

namespace menshen::detectors::scoring {

// -1: it is none.
inline int han_digit(char32_t c) {
  switch (c) {
    case U'〇':
    case U'零': return 0;
    case U'一': return 1;
    case U'二':
    case U'两': return 2;
    case U'三': return 3;
    case U'四': return 4;
    case U'五': return 5;
    case U'六': return 6;
    case U'七': return 7;
    case U'八': return 8;
    case U'九': return 9;
    default: return -1;
  }
}

// 0: it is none.
inline double han_unit(char32_t c) {
  switch (c) {
    case U'十': return 10;
    case U'百': return 100;
    case U'千': return 1000;
    case U'万': return 1e4;
    case U'亿': return 1e8;
    default: return 0;
  }
}

// Positional ("二〇一五") or with units ("三百二十"); both with arithmetic of doubles.
class HanNumber {
 public:
  void digit(int d) {
    positional_ = positional_ * 10 + d;
    current_ = current_ >= 0 && !used_unit_ ? current_ * 10 + d : d;
  }
  void unit(double u) {
    used_unit_ = true;
    if (u >= 1e4) {
      total_ = (total_ + section_ + std::max(current_, 0.0)) * u;
      section_ = 0;
    } else {
      section_ += (current_ < 0 ? 1 : std::max(current_, 1.0)) * u;
    }
    current_ = -1;
  }
  [[nodiscard]] double value() const {
    return used_unit_ ? total_ + section_ + std::max(current_, 0.0) : positional_;
  }

 private:
  double total_ = 0;
  double section_ = 0;
  double current_ = -1;
  double positional_ = 0;
  bool used_unit_ = false;
};

}  // namespace menshen::detectors::scoring
