/* The selective scan of Mamba (Gu and Dao, 2023, algorithm 2) for processors, forward and backward.
 *
 *   h[t] = exp(dt[t] A) h[t-1] + dt[t] u[t] B[t]        y[t] = sum over n of C[t][n] h[t][n]
 *
 * Shapes, all float32 and contiguous: u, dt, y [b, l, d]; B, C [b, l, n]; A [d, n]; state [b, d, n]. d is a multiple of
 * LANES. Channels are taken LANES at a time, which is one vector register; states of one block stay in the cache, so
 * nothing of size [l, d, n] ever goes to memory, and backward computes the states of a block once more.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16
#define MAX_STATES 64
#define EACH_LANE _Pragma("omp simd") for (int i = 0; i < LANES; i++)

typedef float Lanes[LANES] __attribute__((aligned(64)));

static void load_columns(Lanes *out, const float *matrix, long states) { /* [LANES, n] -> [n][LANES] */
    for (long n = 0; n < states; n++)
        for (int i = 0; i < LANES; i++) out[n][i] = matrix[i * states + n];
}

static void store_columns(float *matrix, Lanes *in, long states) {
    for (long n = 0; n < states; n++)
        for (int i = 0; i < LANES; i++) matrix[i * states + n] = in[n][i];
}

void scan_forward(const float *u, const float *dt, const float *A, const float *B, const float *C, float *state,
                  float *y, long batch, long length, long channels, long states) {
    #pragma omp parallel for collapse(2)
    for (long b = 0; b < batch; b++) {
        for (long block = 0; block < channels / LANES; block++) {
            Lanes a[MAX_STATES], h[MAX_STATES];
            load_columns(a, A + block * LANES * states, states);
            float *own_state = state + (b * channels + block * LANES) * states;
            load_columns(h, own_state, states);
            for (long t = 0; t < length; t++) {
                const long row = (b * length + t) * channels + block * LANES;
                const float *bt = B + (b * length + t) * states, *ct = C + (b * length + t) * states;
                Lanes step, input, sum = {0};
                EACH_LANE { step[i] = dt[row + i]; input[i] = step[i] * u[row + i]; }
                for (long n = 0; n < states; n++)
                    EACH_LANE {
                        h[n][i] = expf(step[i] * a[n][i]) * h[n][i] + input[i] * bt[n];
                        sum[i] += ct[n] * h[n][i];
                    }
                memcpy(y + row, sum, sizeof sum);
            }
            store_columns(own_state, h, states);
        }
    }
}

/* Gradients du, ddt [b, l, d], dA [d, n] and dB, dC [b, l, n], the last three added to what is there. Returns 0, or 1
 * where there is no memory. The first state is `state`; no gradient goes to it. */
int scan_backward(const float *u, const float *dt, const float *A, const float *B, const float *C, const float *state,
                  const float *dy, float *du, float *ddt, float *dA, float *dB, float *dC, long batch, long length,
                  long channels, long states) {
    int failed = 0;
    #pragma omp parallel for
    for (long b = 0; b < batch; b++) {
        const size_t size = (size_t)(length + 1) * states * sizeof(Lanes);
        Lanes *history = aligned_alloc(64, size), *decays = aligned_alloc(64, size);
        Lanes *of_b = aligned_alloc(64, size), *of_c = aligned_alloc(64, size);
        if (!history || !decays || !of_b || !of_c) {
            failed = 1;
        } else {
            memset(of_b, 0, size);
            memset(of_c, 0, size);
            for (long block = 0; block < channels / LANES; block++) {
                Lanes a[MAX_STATES], dh[MAX_STATES], da[MAX_STATES];
                memset(dh, 0, sizeof dh);
                memset(da, 0, sizeof da);
                load_columns(a, A + block * LANES * states, states);
                load_columns(history, state + (b * channels + block * LANES) * states, states);
                for (long t = 0; t < length; t++) {
                    const long row = (b * length + t) * channels + block * LANES;
                    const float *bt = B + (b * length + t) * states;
                    Lanes *before = history + t * states, *after = before + states, *decay = decays + t * states;
                    Lanes step, input;
                    EACH_LANE { step[i] = dt[row + i]; input[i] = step[i] * u[row + i]; }
                    for (long n = 0; n < states; n++)
                        EACH_LANE {
                            decay[n][i] = expf(step[i] * a[n][i]);
                            after[n][i] = decay[n][i] * before[n][i] + input[i] * bt[n];
                        }
                }
                for (long t = length - 1; t >= 0; t--) {
                    const long row = (b * length + t) * channels + block * LANES;
                    const float *bt = B + (b * length + t) * states, *ct = C + (b * length + t) * states;
                    Lanes *before = history + t * states, *after = before + states, *decay = decays + t * states;
                    Lanes *sum_b = of_b + t * states, *sum_c = of_c + t * states;
                    Lanes grad, step, value, input, of_step = {0}, of_input = {0};
                    EACH_LANE {
                        grad[i] = dy[row + i];
                        step[i] = dt[row + i];
                        value[i] = u[row + i];
                        input[i] = step[i] * value[i];
                    }
                    for (long n = 0; n < states; n++)
                        EACH_LANE {
                            const float here = dh[n][i] + ct[n] * grad[i];
                            const float of_exponent = here * before[n][i] * decay[n][i];
                            sum_c[n][i] += grad[i] * after[n][i];
                            sum_b[n][i] += here * input[i];
                            of_input[i] += here * bt[n];
                            of_step[i] += of_exponent * a[n][i];
                            da[n][i] += of_exponent * step[i];
                            dh[n][i] = here * decay[n][i];
                        }
                    EACH_LANE {
                        du[row + i] = of_input[i] * step[i];
                        ddt[row + i] = of_step[i] + of_input[i] * value[i];
                    }
                }
                #pragma omp critical
                for (long n = 0; n < states; n++)
                    for (int i = 0; i < LANES; i++) dA[(block * LANES + i) * states + n] += da[n][i];
            }
            for (long t = 0; t < length; t++)
                for (long n = 0; n < states; n++) {
                    float b_sum = 0, c_sum = 0;
                    for (int i = 0; i < LANES; i++) {
                        b_sum += of_b[t * states + n][i];
                        c_sum += of_c[t * states + n][i];
                    }
                    dB[(b * length + t) * states + n] += b_sum;
                    dC[(b * length + t) * states + n] += c_sum;
                }
        }
        free(history); free(decays); free(of_b); free(of_c);
    }
    return failed;
}
