// Privacy accounting in zero-concentrated differential privacy (zCDP; Bun and Steinke 2016).
//
//   const double rho = gaussian_rho(50, 50'000);          // 0.025
//   const double epsilon = epsilon_of_rho(0.05, 1e-6);    // what to tell people
//
// Releases add: the rho of several is the sum of theirs. Adding noise N_Z(0, sigma2) to an integer
// that one privacy unit moves by at most `sensitivity` is sensitivity^2 / (2 sigma2)-zCDP, exactly
// as for the continuous Gaussian (Canonne, Kamath, Steinke 2020, Theorem 4). Results only
// over-state the loss: they are computed in long double and raised by one part in 10^12. Pure
// functions.
#pragma once

#include <cstdint>

namespace menshen::audit::dp {

[[nodiscard]] double gaussian_rho(std::uint64_t sensitivity, std::uint64_t sigma2);

// The smallest integer variance for which gaussian_rho is at most micro_rho / 10^6; micro_rho > 0.
[[nodiscard]] std::uint64_t gaussian_sigma2(std::uint64_t sensitivity, std::uint64_t micro_rho);

// The smallest delta that the bound of Canonne, Kamath, Steinke 2020 (Proposition 12) gives for a
// rho-zCDP release; rho >= 0, epsilon >= 0.
[[nodiscard]] double delta_of_rho(double rho, double epsilon);

// The smallest epsilon for which that delta is at most `delta`, 0 < delta < 1.
[[nodiscard]] double epsilon_of_rho(double rho, double delta);

}  // namespace menshen::audit::dp
