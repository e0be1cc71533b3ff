// JSON documents of somebody else's, read strictly: every field is checked
// before it is believed, and an error names the document and the field:
// "manifest: layers[3].size: it is no whole number from 0 to 100".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace slipway {

/// More values than this are refused: each costs memory many times its length
/// in the text.
constexpr std::size_t most_json_values = 100'000;
/// Deeper nesting is refused.
constexpr int deepest_document = 32;

/// A value in a document, and where it stands. Keeps the document alive.
///
/// A field that is null is taken for one that is not there: programs in Go
/// write null for empty lists. Every function throws InvalidArgument that
/// names the field when the value is not of the type that is asked for.
class DocumentField {
  public:
    struct Document;
    DocumentField(std::shared_ptr<const Document> document,
                  const nlohmann::json* value);

    /// Of an object: the field of this name.
    std::optional<DocumentField> find(std::string_view key) const;
    /// The same; throws when it is missing.
    DocumentField at(std::string_view key) const;
    /// Is there, even if it is null. Letters of either case: Go does not look
    /// at the case of names, and must not see another document than we do.
    bool mentions(std::string_view lower_case_key) const;

    /// Text without a NUL byte, which would end early in a system call.
    std::string text() const;
    std::uint64_t number(std::uint64_t largest) const;
    std::int64_t integer(std::int64_t lowest, std::int64_t largest) const;
    bool truth() const;
    std::vector<DocumentField> items(std::size_t most) const;
    std::vector<std::string> texts() const;
    std::map<std::string, std::string> text_map() const;
    /// The names of an object's fields: {"80/tcp": {}} is a set in Go.
    std::set<std::string> names() const;
    bool is_text() const;
    /// As it stands there, for what is handed on whole.
    const nlohmann::json& value() const { return *value_; }

    /// "manifest: layers[3]: " and why.
    [[noreturn]] void refuse(std::string_view why) const;

  private:
    // It does not know its own path: that is wanted for an error only, and
    // then the whole document can be searched for it.
    std::shared_ptr<const Document> document_;
    const nlohmann::json* value_;  // in the document
};

/// Parses a whole document, which is an object. `name` is for messages
/// ("manifest"), `advice`, a constant, for the error of any of its fields.
/// Throws InvalidArgument for more than `limit` bytes, for what
/// is no JSON or no UTF-8, beyond the limits above, and when an object has two
/// fields of one name, of which other programs may believe the other one.
DocumentField parse_document(std::string_view bytes, std::string_view name,
                             std::size_t limit, const char* advice = "");

/// The same for a document that is a list.
DocumentField parse_document_list(std::string_view bytes, std::string_view name,
                                  std::size_t limit, const char* advice = "");

}  // namespace slipway
