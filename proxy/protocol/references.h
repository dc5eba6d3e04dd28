// What passes no gateway because the provider has it, fetches it, or runs it: known by the names
// that the APIs, their usual servers and their gateways give it. Sources: the API references of
// OpenAI and Anthropic, and of Azure, OpenRouter, LiteLLM, Vercel, DashScope, Hunyuan, Moonshot,
// Groq, xAI, vLLM and llama.cpp where they extend one. Names of fields are compared by their folded
// form (fold.h): an SDK in another language may spell vectorStoreIds.
#pragma once

#include "core/opaque.h"
#include "core/segment.h"
#include "proxy/protocol/tape.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace menshen::protocol {

// All take raw strings of a document.

// Text that may be anything is taken for encoded data only when it is long.
inline constexpr std::size_t encoded_data_bytes_min = 512;

// data: in any case, with what URL parsers pass over.
[[nodiscard]] bool is_data_url(std::string_view raw);
// The usual head of a data URL, "data:image/png;base64,", holds nobody's data; its size, or 0.
[[nodiscard]] std::size_t tame_data_head(std::string_view raw) noexcept;
// Long and all of what base64 is written in, also behind the usual head of a data URL: opaque where
// no API has such a thing. It may be words with dashes all the same.
[[nodiscard]] bool is_encoded_data(std::string_view raw) noexcept;
// Nothing that anybody could read in it: base64 of one alphabet that looks as evenly mixed as what
// was encrypted or compressed, from its first byte to its last, without a number in it.
[[nodiscard]] bool is_ciphertext(std::string_view raw) noexcept;
// What media are made of: base64 of one alphabet, also behind the usual head of a data URL, without
// a number in it.
[[nodiscard]] bool is_base64_data(std::string_view raw) noexcept;
// A text that begins as a URL.
[[nodiscard]] bool is_link(std::string_view raw);
// A text in place of which DashScope reads stored files: "fileid://a,fileid://b". Of `system` it
// reads them anywhere in the text.
[[nodiscard]] bool names_stored_files(std::string_view raw, core::Role role);

// What a string is besides a text: a data URL, encoded data, or (`links`) a URL. Empty: nothing.
[[nodiscard]] core::OpaqueKinds written_kinds(std::string_view raw, bool links);

// These give kinds of opaque content; none: a field that is no such thing.

// A field whose value is an image, sound, a film, or a file, or says where one is.
[[nodiscard]] core::OpaqueKinds media_kinds(Word word) noexcept;

// A field of this name, whatever its case and however its words are parted, that names what the
// provider keeps, fetches or searches.
[[nodiscard]] core::OpaqueKinds reference_kinds(std::string_view name);
// The same of a folded name.
[[nodiscard]] core::OpaqueKinds folded_reference_kinds(const std::string& folded);
// The key of a field of a request that names what the provider keeps, fetches or searches, or that
// has it do so.
[[nodiscard]] core::OpaqueKinds reference_kinds(const Tape& tape, NodeId key);

// The key of a field of a request that names models which may be asked instead: "models", and
// whatever is called a fallback.
[[nodiscard]] bool names_models(const Tape& tape, NodeId key);

// Whether such a field asks for something: null, false, "", [] do not.
[[nodiscard]] bool is_in_use(const Tape& tape, NodeId value) noexcept;

// What the field of this key (of a place where the API knows none) refers to, or that it is a tool
// that the provider runs.
[[nodiscard]] core::OpaqueKinds resolved_kinds(const Tape& tape, NodeId key);

// What a value in place of a file names that the provider keeps: "file-...", or an object's id.
[[nodiscard]] core::OpaqueKinds stored_file_kinds(const Tape& tape, NodeId value);
// What a part is by its type, whatever its fields are called: an image, sound, a film.
[[nodiscard]] core::OpaqueKinds part_kinds(const Tape& tape, NodeId part);
// The key by which vLLM finds a part's image, sound or film in its cache, which any caller filled.
[[nodiscard]] bool names_cached_media(const Tape& tape, NodeId key);
// What the value of this key says that other fields hold: "image/png" as a media type.
[[nodiscard]] core::OpaqueKinds media_type_kinds(const Tape& tape, NodeId key);

// Whether a tool (or a namespace of tools, or a change of tools) leaves the work to the client.
[[nodiscard]] bool runs_at_the_client(const Tape& tape, NodeId tool);

// An id without content refers to an item that the provider has stored. What the model thought is
// sent back so by all who continue its answers, and holds nothing that a caller chose.
[[nodiscard]] bool refers_to_an_item(const Tape& tape, NodeId item);

// Whether the field of this key is one that the API has for what its provider alone can read and
// wants back with the next request: encrypted reasoning, a signature.
[[nodiscard]] bool is_returned(const Tape& tape, NodeId key);

// What a router adds for a model's name: a search of the web, or a stored preset.
[[nodiscard]] core::OpaqueKinds brought_kinds(std::string_view model);

}  // namespace menshen::protocol
