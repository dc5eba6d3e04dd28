// What stands where a secret would, and is none: variables, masks, templates, words of examples.
#pragma once

#include <string_view>

namespace menshen::detectors {

// [EMAIL], [PASSWORD:861b975da57287b4: begins with what stands in for a redacted value. A finding
// in it would make another one of it with each turn of a conversation.
[[nodiscard]] bool is_tag(std::string_view text) noexcept;
// $TOKEN, ${X}, {{x}}, <your key>, %s, %PASS%, #{x}, @param, [x], vault:x.
[[nodiscard]] bool is_variable(std::string_view value) noexcept;
// ****, xxxx, ••••, abcd****wxyz, sk-xxxx..., %2A%2A%2A, one character again and again.
[[nodiscard]] bool is_mask(std::string_view value) noexcept;
// your_api_key, changeme, REPLACE_ME, example, 你的密码: says that a value goes here.
[[nodiscard]] bool is_template(std::string_view value);

// Any of them.
[[nodiscard]] bool is_placeholder(std::string_view value);

// Words of which specimens and names are made, and nothing else: my_secret_password, test, token.
// At most 64 bytes of them.
[[nodiscard]] bool is_made_of_labels(std::string_view value);

}  // namespace menshen::detectors
