// Addresses of cryptocurrencies: is the checksum that they carry right? Letters in their case.
#pragma once

#include <string_view>

namespace menshen::detectors {

// Bitcoin and TRON, base58check: 21 bytes and four of the double SHA-256 of them. The first byte is
// the version: 0 and 5 for Bitcoin, 65 for TRON.
[[nodiscard]] bool base58check_valid(std::string_view text) noexcept;

// Bitcoin, BIP 173 (version 0) and BIP 350 (1 and more): "bc1", in one case.
[[nodiscard]] bool bech32_valid(std::string_view text) noexcept;

// Ethereum: "0x" and 40 hexadecimal digits; those of mixed case carry the checksum of EIP-55.
[[nodiscard]] bool ethereum_valid(std::string_view text) noexcept;

}  // namespace menshen::detectors
