package main

import (
	"context"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	apiservervalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/common"
)

// Judges the objects of one kind, in the order of the API server: defaults, pruning, schema, lists, rules.
type judge struct {
	structural *schema.Structural
	schema     apiservervalidation.SchemaValidator
	rules      *schemacel.Validator
}

func newJudge(d *definition) (*judge, error) {
	validator, _, err := apiservervalidation.NewSchemaValidator(d.validation.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	rules := schemacel.NewValidator(d.structural, true, celconfig.PerCallLimit)
	return &judge{d.structural, validator, rules}, nil
}

func (j *judge) judge(asked request) answer {
	object := numbers(asked.Object)
	pruned := pruning.PruneWithOptions(object, j.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	defaulting.Default(object, j.structural)
	refused := field.ErrorList{}
	for _, path := range pruned {
		// As with `kubectl apply`, which asks for strict validation.
		refused = append(refused, field.Invalid(field.NewPath(path), "", "unknown field"))
	}
	ctx := context.Background()
	if asked.Old == nil {
		refused = append(refused, apiservervalidation.ValidateCustomResource(nil, object, j.schema)...)
		refused = append(refused, listtype.ValidateListSetsAndMaps(nil, j.structural, object)...)
		if j.rules != nil && len(refused) == 0 {
			errors, _ := j.rules.Validate(ctx, nil, j.structural, object, nil, celconfig.RuntimeCELCostBudget)
			refused = append(refused, errors...)
		}
	} else {
		old := numbers(asked.Old)
		correlated := common.NewCorrelatedObject(object, old, &model.Structural{Structural: j.structural})
		refused = append(refused, apiservervalidation.ValidateCustomResourceUpdate(nil, object, old, j.schema, apiservervalidation.WithRatcheting(correlated))...)
		refused = append(refused, listtype.ValidateListSetsAndMaps(nil, j.structural, object)...)
		if j.rules != nil && len(refused) == 0 {
			errors, _ := j.rules.Validate(ctx, nil, j.structural, object, old, celconfig.RuntimeCELCostBudget, schemacel.WithRatcheting(correlated))
			refused = append(refused, errors...)
		}
	}
	texts := []string{}
	for _, each := range refused {
		texts = append(texts, each.Error())
	}
	return answer{texts, object}
}

// The object with whole numbers as such, which is how the API server holds them.
func numbers(object map[string]any) map[string]any {
	return whole(object).(map[string]any)
}

func whole(value any) any {
	switch held := value.(type) {
	case map[string]any:
		for key, each := range held {
			held[key] = whole(each)
		}
	case []any:
		for i, each := range held {
			held[i] = whole(each)
		}
	case float64:
		if asInt := int64(held); float64(asInt) == held {
			return asInt
		}
	}
	return value
}
