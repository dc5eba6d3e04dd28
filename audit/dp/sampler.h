// Exact sampling from the discrete Gaussian (Canonne, Kamath, Steinke: The Discrete Gaussian for
// Differential Privacy, NeurIPS 2020, Algorithms 1 to 3), in integers of fixed width.
//
//   Random random = secure_random();
//   const auto noise = discrete_gaussian(50'000, random);   // variance at most 50,000
//
// No floating-point number and no division of large numbers is involved: each published attack on
// floating-point noise, and the bias found in a bignum library's division in 2026, has no place to
// stand. The time that a draw takes depends on its value, so draws are made at a release, never
// while a request waits. Values; one Random belongs to one thread.
#pragma once

#include "core/error.h"

#include <cstdint>
#include <functional>

namespace menshen::audit::dp {

__extension__ typedef unsigned __int128 Wide;

// Gives 64 uniform bits per call.
using Random = std::function<std::uint64_t()>;

// OpenSSL's private generator, unbuffered (so it is safe across fork); the process ends if it
// fails.
[[nodiscard]] Random secure_random();

inline constexpr std::uint64_t sigma2_max = std::uint64_t{1} << 40;

// Uniform in [0, bound), bound > 0, by rejection.
[[nodiscard]] Wide uniform_below(Wide bound, Random& random);

// True with probability exp(-numerator / denominator), denominator > 0.
[[nodiscard]] core::Result<bool> bernoulli_exp(Wide numerator, Wide denominator, Random& random);

// P(x) proportional to exp(-|x| / scale), scale in 1 .. 2^20 + 1.
[[nodiscard]] core::Result<std::int64_t> discrete_laplace(std::uint64_t scale, Random& random);

// P(x) proportional to exp(-x^2 / (2 sigma2)), sigma2 in 1 .. sigma2_max. Errors: internal, code
// "noise_out_of_range", when a draw leaves the range in which the arithmetic is exact, which
// happens with a probability below 2^-4000; the release must then not be made.
[[nodiscard]] core::Result<std::int64_t> discrete_gaussian(std::uint64_t sigma2, Random& random);

}  // namespace menshen::audit::dp
