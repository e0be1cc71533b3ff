// What a build tells while it works.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace slipway {

struct BuildEvent {
    enum class Kind {
        Started,  ///< a step; `text` is its instruction
        Output,   ///< of its command; `text` are bytes as they came
        Cached,   ///< it is done: its layer was there
        Done,
        Failed,  ///< `text`: why
        Missed,  ///< it is not cached; `text`: why
        Note,    ///< `text`: a sentence, of no step
    };
    Kind kind;
    std::size_t step = 0;  ///< counts from 1, in the order of the plan
    /// "[build 2/5] RUN make"
    std::string stage = {};
    std::size_t number = 0, of_stage = 0;
    std::string text = {};
    double seconds = 0;  ///< that the step took: Done, Failed
};

/// May be called from several threads at once.
using BuildProgress = std::function<void(const BuildEvent&)>;

}  // namespace slipway
