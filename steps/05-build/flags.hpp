// The flags of an instruction: COPY --from=build --link a b.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "05-build/instruction_text.hpp"

namespace slipway {

struct FlagRule {
    enum class Kind { Text, Boolean, Repeated };
    const char* name;  ///< without --
    Kind kind = Kind::Text;
};

struct Flag {
    std::string name;
    WordSpan at;        ///< all of it
    WordSpan value_at;  ///< behind the =
    std::string value;  ///< as written, quotes included
};

class Flags {
  public:
    explicit Flags(std::vector<Flag> flags) : flags_(std::move(flags)) {}

    const Flag* find(std::string_view name) const;
    /// As written; empty: not given.
    std::string text(std::string_view name) const;
    /// --link, --link=true, --link=false
    std::optional<bool> boolean(std::string_view name) const;
    std::vector<Flag> all(std::string_view name) const;

  private:
    std::vector<Flag> flags_;
};

/// Takes the words in front that begin with --, up to the first other one; a --
/// alone ends them, too. Throws input_error() for one that this instruction
/// does not have (with a suggestion), that is given twice, or has no value.
Flags take_flags(InstructionText& text, const std::vector<FlagRule>& rules);

}  // namespace slipway
