package main

import (
	"context"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

type definition struct {
	file       string
	internal   apiextensions.CustomResourceDefinition
	validation *apiextensions.CustomResourceValidation
	structural *schema.Structural
}

// What the API server thinks of a definition.
type report struct {
	Name   string   `json:"name"`
	Errors []string `json:"errors"`
	Rules  []cost   `json:"rules"`
	// Limits of one rule, and of all rules of a definition together.
	RuleLimit  uint64 `json:"ruleLimit"`
	TotalLimit uint64 `json:"totalLimit"`
}

// The estimated cost of one rule in the worst case, in the units of CEL.
type cost struct {
	Path    string `json:"path"`
	Rule    string `json:"rule"`
	Cost    uint64 `json:"cost"`
	Message uint64 `json:"message"`
}

func load(file string) (*definition, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	external := apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(text, &external); err != nil {
		return nil, err
	}
	apiextensionsv1.SetDefaults_CustomResourceDefinition(&external)
	apiextensionsv1.SetDefaults_CustomResourceDefinitionSpec(&external.Spec)
	loaded := &definition{file: file}
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&external, &loaded.internal, nil); err != nil {
		return nil, err
	}
	// What the storage fills in.
	loaded.internal.Status.StoredVersions = []string{external.Spec.Versions[0].Name}
	loaded.validation, err = apiextensions.GetSchemaForVersion(&loaded.internal, external.Spec.Versions[0].Name)
	if err != nil {
		return nil, err
	}
	loaded.structural, err = schema.NewStructural(loaded.validation.OpenAPIV3Schema)
	return loaded, err
}

func (d *definition) report() report {
	made := report{
		Name:       d.internal.Name,
		Errors:     []string{},
		RuleLimit:  validation.StaticEstimatedCostLimit,
		TotalLimit: validation.StaticEstimatedCRDCostLimit,
	}
	for _, refused := range validation.ValidateCustomResourceDefinition(context.Background(), &d.internal) {
		made.Errors = append(made.Errors, refused.Error())
	}
	made.Rules = costs("", d.structural, model.SchemaDeclType(d.structural, true))
	return made
}

func costs(path string, s *schema.Structural, declType *apiservercel.DeclType) []cost {
	if declType == nil {
		return nil
	}
	base := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	found := []cost{}
	compiled, err := schemacel.Compile(s, declType, celconfig.PerCallLimit, base, schemacel.NewExpressionsEnvLoader())
	if err != nil {
		fail("%s: %v", path, err)
	}
	for i, each := range compiled {
		found = append(found, cost{path, s.XValidations[i].Rule, each.MaxCost, each.MessageExpressionMaxCost})
	}
	for name, property := range s.Properties {
		if field := declType.Fields[name]; field != nil {
			found = append(found, costs(path+"."+name, &property, field.Type)...)
		}
	}
	if s.Items != nil {
		found = append(found, costs(path+"[]", s.Items, declType.ElemType)...)
	}
	return found
}
