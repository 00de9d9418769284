/* The kernels of kernels.py in C. Every array is passed as its data followed by its extents. */
#include <math.h>
#include <stdint.h>

void mandelbrot(double left, double bottom, double step, int64_t limit, int64_t *counts, int64_t rows, int64_t columns)
{
    for (int64_t i = 0; i < rows; i++) {
        double imaginary = bottom + i * step;
        for (int64_t j = 0; j < columns; j++) {
            double real = left + j * step, x = 0.0, y = 0.0;
            int64_t count = 0;
            while (count < limit && x * x + y * y <= 4.0) {
                double next = x * x - y * y + real;
                y = 2.0 * x * y + imaginary;
                x = next;
                count++;
            }
            counts[i * columns + j] = count;
        }
    }
}

void nbody(double *position, int64_t bodies, int64_t axes, double *velocity, int64_t bodies2, int64_t axes2,
           const double *mass, int64_t bodies3, double step, int64_t steps)
{
    for (int64_t s = 0; s < steps; s++) {
        for (int64_t i = 0; i < bodies; i++)
            for (int64_t j = i + 1; j < bodies; j++) {
                double *p = position + 3 * i, *q = position + 3 * j, *u = velocity + 3 * i, *v = velocity + 3 * j;
                double dx = p[0] - q[0], dy = p[1] - q[1], dz = p[2] - q[2];
                double square = dx * dx + dy * dy + dz * dz;
                double force = step / (square * sqrt(square));
                u[0] -= dx * mass[j] * force;
                u[1] -= dy * mass[j] * force;
                u[2] -= dz * mass[j] * force;
                v[0] += dx * mass[i] * force;
                v[1] += dy * mass[i] * force;
                v[2] += dz * mass[i] * force;
            }
        for (int64_t i = 0; i < bodies; i++)
            for (int64_t axis = 0; axis < 3; axis++)
                position[3 * i + axis] += step * velocity[3 * i + axis];
    }
}

static void sweep(const double *from, double *to, int64_t rows, int64_t columns)
{
    for (int64_t i = 1; i < rows - 1; i++)
        for (int64_t j = 1; j < columns - 1; j++)
            to[i * columns + j] = 0.25 * (from[(i - 1) * columns + j] + from[(i + 1) * columns + j]
                                          + from[i * columns + j - 1] + from[i * columns + j + 1]);
}

void stencil(double *grid, int64_t rows, int64_t columns, double *other, int64_t rows2, int64_t columns2,
             int64_t sweeps)
{
    for (int64_t s = 0; s < sweeps; s++) {
        sweep(grid, other, rows, columns);
        sweep(other, grid, rows, columns);
    }
}

void matrix_multiply(const double *a, int64_t rows, int64_t inner, const double *b, int64_t inner2, int64_t columns,
                     double *c, int64_t rows2, int64_t columns2)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            double total = 0.0;
            for (int64_t k = 0; k < inner; k++)
                total += a[i * inner + k] * b[k * columns + j];
            c[i * columns + j] = total;
        }
}

void prefix_sum(const double *values, int64_t n, double *sums, int64_t n2)
{
    double total = 0.0;
    for (int64_t i = 0; i < n; i++) {
        total += values[i];
        sums[i] = total;
    }
}

int64_t sieve(uint8_t *composite, int64_t n)
{
    int64_t primes = 0;
    for (int64_t i = 2; i < n; i++)
        if (!composite[i]) {
            primes++;
            for (int64_t j = i * i; j < n; j += i)
                composite[j] = 1;
        }
    return primes;
}

int64_t levenshtein(const uint8_t *source, int64_t rows, const uint8_t *target, int64_t columns, int64_t *row,
                    int64_t places)
{
    for (int64_t j = 0; j <= columns; j++)
        row[j] = j;
    for (int64_t i = 0; i < rows; i++) {
        int64_t diagonal = row[0];
        row[0] = i + 1;
        for (int64_t j = 0; j < columns; j++) {
            int64_t above = row[j + 1], best = diagonal;
            if (source[i] != target[j])
                best++;
            if (above + 1 < best)
                best = above + 1;
            if (row[j] + 1 < best)
                best = row[j] + 1;
            row[j + 1] = best;
            diagonal = above;
        }
    }
    return row[columns];
}

void floyd_warshall(double *distance, int64_t n, int64_t n2)
{
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++) {
                double through = distance[i * n + k] + distance[k * n + j];
                if (through < distance[i * n + j])
                    distance[i * n + j] = through;
            }
}

double monte_carlo(int64_t count, int64_t seed)
{
    int64_t state = seed, hits = 0;
    for (int64_t s = 0; s < count; s++) {
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF;
        double x = state / 2147483648.0;
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF;
        double y = state / 2147483648.0;
        if (x * x + y * y < 1.0)
            hits++;
    }
    return 4.0 * hits / count;
}

void bisection(const double *targets, int64_t n, double *roots, int64_t n2, int64_t steps)
{
    for (int64_t i = 0; i < n; i++) {
        double target = targets[i], low = 0.0, high = 1.0 + target;
        for (int64_t s = 0; s < steps; s++) {
            double middle = 0.5 * (low + high);
            if (middle * middle * middle + middle < target)
                low = middle;
            else
                high = middle;
        }
        roots[i] = 0.5 * (low + high);
    }
}
