// What text from elsewhere looks like on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace menshen::cli {

// What a terminal would act on, or would not show, is spelled: \u{202E}. `text` is UTF-8.
[[nodiscard]] std::string spelled(std::string_view text);

}  // namespace menshen::cli
