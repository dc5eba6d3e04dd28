// That nothing overflows 128 bits. Let s = sigma2 <= 2^40 and t = floor(sqrt(s)) + 1 <= 2^20 + 1.
//   |Y| <= 2^12 t, or the draw is given up (laplace_tail_max)
//   | |Y| t - s | < 2^12 t^2 <= 2^12 (2^20 + 1)^2 < 2^52.1, so its square n < 2^104.2
//   d = 2 s t^2 <= 2 * 2^40 * (2^20 + 1)^2 < 2^81.1
//   d K < 2^128 for K <= 2^32 (loop_max): 2^113.1; the loop ends earlier but with probability
//   1 / (2^32)!, since Algorithm 1 reaches K with probability at most 1 / (K - 1)!
//   n / d < 2^24 rounds of Bernoulli(exp(-1)) at most, and 1.6 on average
#include "audit/dp/sampler.h"

#include "core/digest.h"

#include <bit>
#include <cmath>

namespace menshen::audit::dp {
namespace {

constexpr std::uint64_t loop_max = std::uint64_t{1} << 32;
constexpr std::uint64_t laplace_tail_max = std::uint64_t{1} << 12;  // in multiples of the scale

core::Error out_of_range() {
  return core::gateway_error(core::ErrorKind::internal, "noise_out_of_range",
                             "The noise left the range in which it is exact.");
}

// Algorithm 1 for 0 <= numerator <= denominator.
core::Result<bool> bernoulli_exp_below_one(Wide numerator, Wide denominator, Random& random) {
  std::uint64_t k = 1;
  while (uniform_below(denominator * k, random) < numerator) {
    if (++k > loop_max) return out_of_range();
  }
  return k % 2 == 1;
}

std::uint64_t square_root(std::uint64_t n) {
  auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
  while (root * root > n) --root;
  while ((root + 1) * (root + 1) <= n) ++root;
  return root;
}

unsigned width_of(Wide n) {
  const auto high = static_cast<std::uint64_t>(n >> 64);
  const auto low = static_cast<std::uint64_t>(n);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(low));
}

core::Error bad_scale() {
  return core::gateway_error(core::ErrorKind::internal, "noise_out_of_range",
                             "The scale of the noise is not supported.");
}

}  // namespace

Random secure_random() {
  return [] {
    std::uint8_t bytes[8];
    core::fill_random(bytes);
    std::uint64_t out = 0;
    for (const std::uint8_t byte : bytes) out = out << 8 | byte;
    return out;
  };
}

Wide uniform_below(Wide bound, Random& random) {
  const unsigned bits = width_of(bound - 1);
  if (bits == 0) return 0;
  for (;;) {
    Wide draw = random();
    if (bits > 64) draw = draw << 64 | random();
    draw &= ~Wide{0} >> (128 - bits);
    if (draw < bound) return draw;
  }
}

core::Result<bool> bernoulli_exp(Wide numerator, Wide denominator, Random& random) {
  for (Wide whole = numerator / denominator; whole > 0; --whole) {
    const auto kept = bernoulli_exp_below_one(1, 1, random);
    if (!kept || !*kept) return kept;
  }
  return bernoulli_exp_below_one(numerator % denominator, denominator, random);
}

core::Result<std::int64_t> discrete_laplace(std::uint64_t scale, Random& random) {
  if (scale == 0 || scale > (std::uint64_t{1} << 20) + 1) return bad_scale();
  for (;;) {
    const Wide fraction = uniform_below(scale, random);
    const auto kept = bernoulli_exp(fraction, scale, random);
    if (!kept) return kept.error();
    if (!*kept) continue;
    std::uint64_t whole = 0;
    for (;; ++whole) {
      const auto more = bernoulli_exp(1, 1, random);
      if (!more) return more.error();
      if (!*more) break;
      if (whole == laplace_tail_max) return out_of_range();
    }
    const auto magnitude =
        static_cast<std::int64_t>(fraction) + static_cast<std::int64_t>(scale * whole);
    const bool negative = uniform_below(2, random) == 1;
    if (negative && magnitude == 0) continue;  // or zero would count twice
    return negative ? -magnitude : magnitude;
  }
}

core::Result<std::int64_t> discrete_gaussian(std::uint64_t sigma2, Random& random) {
  if (sigma2 == 0 || sigma2 > sigma2_max) return bad_scale();
  const std::uint64_t scale = square_root(sigma2) + 1;
  const Wide denominator = Wide{2} * sigma2 * scale * scale;
  for (;;) {
    const auto draw = discrete_laplace(scale, random);
    if (!draw) return draw;
    const auto magnitude = static_cast<std::uint64_t>(*draw < 0 ? -*draw : *draw);
    if (magnitude > laplace_tail_max * scale) return out_of_range();
    const Wide reach = Wide{magnitude} * scale;
    const Wide distance = reach > sigma2 ? reach - sigma2 : sigma2 - reach;
    const auto kept = bernoulli_exp(distance * distance, denominator, random);
    if (!kept) return kept.error();
    if (*kept) return *draw;
  }
}

}  // namespace menshen::audit::dp
