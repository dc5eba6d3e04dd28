// Addresses of cryptocurrencies.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/crypto_address.h"

namespace menshen::detectors {
namespace {

constexpr CodeForm address(std::string_view mask, std::uint8_t most, Check check, float alone) {
  return {.mask = mask,
          .most = most,
          .check = check,
          .as_written = true,
          .digits_min = 1,
          .alone = alone,
          .labelled = 0.98F,
          .claimed = 0.75F,
          .unlike = 0};
}
constexpr std::string_view bitcoin_key = "1xxxxxxxxxxxxxxxxxxxxxxxxx";
constexpr std::string_view bitcoin_script = "3xxxxxxxxxxxxxxxxxxxxxxxxx";
constexpr std::string_view bitcoin_witness = "BC1xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
constexpr std::string_view tron = "Txxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
constexpr std::string_view ethereum = "0Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
static_assert(bitcoin_key.size() == 26 && tron.size() == 34 && ethereum.size() == 42);

constexpr CodeForm codes[] = {address(bitcoin_key, 35, base58check_valid, 0.98F),
                              address(bitcoin_script, 35, base58check_valid, 0.98F),
                              address(bitcoin_witness, 62, bech32_valid, 0.98F),
                              address(tron, 0, base58check_valid, 0.98F),
                              address(ethereum, 0, ethereum_valid, 0.9F)};
constexpr std::array<std::string_view, 16> labels{
    "btc",         "bitcoin",         "eth",      "ethereum",       "usdt",
    "trc20",       "erc20",           "wallet",   "wallet address", "btc address",
    "eth address", "bitcoin address", "钱包地址", "比特币",         "以太坊",
    "钱包"};

constexpr NumberSpec rows[] = {
    {.type = {"crypto_address",
              core::Category::pii,
              "CRYPTO_ADDRESS",
              "Addresses of Bitcoin (base58check, bech32), TRON and Ethereum (EIP-55) by their "
              "checksums (0.98; Ethereum 0.9); directly behind a label without one 0.75.",
              {core::FindingClass::gb45574_finance, core::FindingClass::hipaa_j,
               core::FindingClass::pipl_sensitive}},
     .labels = labels,
     .code_forms = codes},
};

}  // namespace

std::span<const NumberSpec> crypto_numbers() { return rows; }

}  // namespace menshen::detectors
