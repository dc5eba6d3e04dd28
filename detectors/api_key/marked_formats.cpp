// Keys whose mark stands in their midst.
#include "detectors/api_key/formats.h"
#include "detectors/values/token.h"

#include <array>

namespace menshen::detectors::api_key {
namespace {

using namespace token_set;
using namespace types;

constexpr std::uint16_t wide = alnum | base64;
constexpr std::uint16_t entra = url_safe | dot | tilde;

// Of Azure, Microsoft documents the marks: so many characters before, a checksum behind.
constexpr auto marked = std::to_array<MarkedFormat>({
    {&azure, "+ASt", wide, 76, 76, wide, 8, 8, 0.98F},  // storage
    {&azure, "+ABa", wide, 76, 76, wide, 8, 8, 0.98F},  // Batch
    {&azure, "ACDb", wide, 76, 76, wide, 8, 8, 0.98F},  // Cosmos DB
    {&azure, "APIM", wide, 76, 76, wide, 8, 8, 0.97F},
    {&azure, "AzFu", url_safe, 44, 44, url_safe | base64, 8, 8, 0.97F},  // Functions
    {&azure, "AzSe", alnum, 42, 42, alnum, 6, 6, 0.97F},                 // Search
    {&azure, "AzCa", wide, 33, 33, wide, 7, 7, 0.97F},                   // Redis
    {&azure, "+ACR", wide, 42, 42, wide, 6, 6, 0.97F},                   // container registry
    {&azure, "+AEh", wide, 33, 33, wide, 7, 7, 0.97F},                   // Event Hubs
    {&azure, "+ASb", wide, 33, 33, wide, 7, 7, 0.97F},                   // Service Bus
    {&azure, "AIoT", wide, 33, 33, wide, 7, 7, 0.97F},                   // IoT Hub
    {&azure, "AZDO", alnum, 76, 76, alnum, 4, 4, 0.98F},                 // DevOps
    {&azure, "JQQJ99", alnum, 52, 52, alnum, 26, 26, 0.98F},             // keys of the newer form
    {&azure, "Q~", entra, 4, 4, entra, 31, 34, 0.95F},                   // Entra ID client secret
    {&other, ":AA", digits, 8, 10, url_safe, 33, 33, 0.97F},             // Telegram
    {&other, "-us", hex, 32, 32, digits, 1, 2, 0.95F},                   // Mailchimp
    {&other, ".atlasv1.", alnum, 14, 14, url_safe, 60, 70, 0.98F},       // Terraform Cloud
    {&other, "_mmk", name, 36, 36, alnum, 0, 0, 0.97F},                  // MaxMind
});

}  // namespace

std::span<const MarkedFormat> marked_formats() noexcept { return marked; }

}  // namespace menshen::detectors::api_key
