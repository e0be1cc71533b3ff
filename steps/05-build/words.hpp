// Variables and quotes in the words of a Dockerfile.
//
//   $v ${v}                     value, or nothing
//   ${v:-w} ${v-w}              w when v is unset or empty / unset
//   ${v:+w} ${v+w}              w when v is set and not empty / set
//   ${v:?w} ${v?w}              an error, w, when it is unset or empty / unset
//   ${v#p} ${v##p} ${v%p} ${v%%p}   without shortest, longest prefix, suffix
//   ${v/p/w} ${v//p/w}          the first, all of p replaced
//
// w may hold variables again; p is a pattern with * and ?, which are letters
// when they are quoted or escaped.
// Source: Dockerfile reference, "Environment replacement"; moby/buildkit
// frontend/dockerfile/shell.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct WordOptions {
    /// The value of a variable; nothing when it is unset. Asked once for each
    /// use, so that who wants to know what was used can note it.
    std::function<std::optional<std::string>(const std::string& name)> lookup;
    char escape = '\\';
    /// Quotes are letters like others, and the escape is one, too, unless $ or
    /// itself follows: heredocs, and RUN's mounts.
    bool keep_quotes = false;
    /// Told of each variable that was replaced by nothing because it is unset.
    /// Not of those in ${v:-w} and the like, which provide for that.
    std::function<void(const std::string& name)> on_unset = {};
};

// In " " the escape is only one before ", $ and itself; in ' ' all is literal.
// $1, $@ and their like are never set. A $ in front of anything else is a $.

/// One word: variables replaced, quotes and escapes taken away. Throws
/// InvalidArgument that says what is wrong with which "${...", and when the
/// result would be larger than 16 MiB.
std::string expand_word(std::string_view word, const WordOptions& options);

/// The same, split at blanks that come from values as well: EXPOSE $PORTS.
std::vector<std::string> expand_words(std::string_view word,
                                      const WordOptions& options);

}  // namespace slipway
