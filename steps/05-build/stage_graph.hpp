// Which stages a target needs, and in which order they are built.
//
//     FROM golang AS build          0: from an image
//     FROM build AS test            1: from stage 0; the target does not need
//     it FROM scratch                  2: from nothing, files of stage 0 COPY
//     --from=build /app /app
//
// What a name means:
//   - FROM x: a named context, scratch, a stage above of that name, or an
//   image.
//   - COPY --from=x, RUN --mount=from=x: a named context, the number of a
//   stage,
//     a stage's name (one above if there are several; one below is fine, too,
//     as long as no circle comes of it), scratch, or an image.
// Names of stages are compared in lower case.
// Source: Dockerfile reference, "FROM", "COPY --from"; moby/buildkit.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "05-build/dockerfile.hpp"

namespace slipway {

/// Where files come from.
struct StageSource {
    enum class Kind { Scratch, Stage, Image, Context };
    Kind kind = Kind::Image;
    std::size_t stage = 0;   ///< of Kind::Stage
    std::string name = {};   ///< the image's or context's; else as written
    SourceRange where = {};  ///< where it is named
};

struct NeededStage {
    std::size_t index = 0;  ///< in Dockerfile::stages
    StageSource base;
    std::string platform = {};  ///< of FROM --platform; empty: not given
    /// What its COPY --from and RUN --mount=from= name, each once.
    std::vector<StageSource> references = {};
};

struct StageGraph {
    /// Each after those that it needs; the last one is the target.
    std::vector<NeededStage> stages;
    std::size_t target = 0;  ///< in Dockerfile::stages
};

struct StageGraphInput {
    const Dockerfile& dockerfile;
    std::string target = {};  ///< name in any case, or number; empty: the last
    /// Variables of FROM lines: GlobalArgs::find().
    std::function<std::optional<std::string>(const std::string&)> lookup = {};
    std::set<std::string> contexts = {};  ///< names of --build-context
};

/// Only what the target needs is looked at. Throws InvalidArgument for a target
/// that there is not (with a suggestion), input_error() for a FROM that names
/// nothing, a number that no stage has, and stages that need one another.
StageGraph stage_graph(const StageGraphInput& input);

/// What `name` means in COPY --from and RUN --mount=from= of stage `index`: for
/// instructions that only the build brings to light, those of ONBUILD.
StageSource find_source(const StageGraphInput& input, std::size_t index,
                        const std::string& name, SourceRange where);

/// What stage it is, for messages: its name, or its number.
std::string stage_title(const Dockerfile& dockerfile, std::size_t index);

}  // namespace slipway
