#include "detectors/recognizers/pattern_width.h"

#include "core/limits.h"

namespace menshen::detectors {
namespace {

// Where a part is too long to be seen whole.
void set_tail(PatternWidth& part) {
  if (part.tail.none() && part.max > core::match_bytes_max - next_character_bytes)
    part.tail = part.all;
}

}  // namespace

PatternWidth followed(const PatternWidth& a, const PatternWidth& b) {
  if (b.max == 0) return a;
  if (a.max == 0) return b;
  PatternWidth out{.min = capped_bytes(a.min + b.min), .max = capped_bytes(a.max + b.max)};
  out.first = a.min == 0 ? a.first | b.first : a.first;
  out.more = b.min == 0 ? a.more | b.more : b.more;
  out.all = a.all | b.all;
  out.tail = a.tail.any() ? a.tail | b.all : b.tail;
  set_tail(out);
  out.branches = a.branches || b.branches || (a.more & b.first).any();
  out.ahead = a.more.any() ? capped_bytes(a.spare() + b.max) : std::max(a.ahead, b.ahead);
  for (std::size_t i = 0; i < PatternShape::prefix_bytes; ++i) {
    if (i < a.min) {
      out.prefix[i] = a.prefix[i];
    } else if (a.min == a.max) {
      out.prefix[i] = b.prefix[i - a.min];
    }
  }
  return out;
}

PatternWidth either(const PatternWidth& a, const PatternWidth& b) {
  PatternWidth out{.min = std::min(a.min, b.min), .max = std::max(a.max, b.max)};
  for (std::size_t i = 0; i < std::min(PatternShape::prefix_bytes, out.min); ++i) {
    out.prefix[i] = a.prefix[i] | b.prefix[i];
  }
  out.first = a.first | b.first;
  out.more = a.more | b.more;
  out.all = a.all | b.all;
  out.tail = a.tail | b.tail;
  const bool alike = (a.first & b.first).any();
  // One may end where the other goes on.
  if (out.min == 0) out.more |= out.first;
  if (alike && out.spare() > 0) out.more.set();
  out.branches = a.branches || b.branches || (alike && (a.more | b.more).any());
  out.ahead = std::max({a.ahead, b.ahead, out.spare()});
  return out;
}

PatternWidth repeated(const PatternWidth& piece, std::size_t least, std::size_t most) {
  PatternWidth out;
  for (std::size_t n = 0; n < std::min(least, PatternShape::prefix_bytes); ++n)
    out = followed(out, piece);
  out.min = capped_bytes(piece.min * least);
  out.max = piece.max == 0                    ? 0
            : most == PatternShape::unbounded ? PatternShape::unbounded
                                              : capped_bytes(piece.max * most);
  out.first = piece.first;
  out.all = piece.all;
  out.tail = piece.tail.any() ? piece.all : piece.tail;
  set_tail(out);
  out.more = most > least ? piece.more | piece.first : piece.more;
  out.branches = piece.branches || (most > 1 && (piece.more & piece.first).any());
  out.ahead = piece.more.any() ? out.max : piece.max;
  return out;
}

}  // namespace menshen::detectors
